import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { encode, type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';
import { athOf, type ProofParts, ProofSigner } from '../../../support/proof-signer.ts';

const origin = 'https://localhost:80';
const anna = { name: 'anna', password: 'correct horse' };
let running: RunningAuth;
let key: ProofSigner;
let mine: TokenAnswer;

interface Asking {
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly token?: string;
  readonly scheme?: 'Bearer' | 'DPoP';
  /** `null`: none. */
  readonly proof?: string | null;
}

/** A request as a client with the key makes it, unless told otherwise. */
async function ask(path: string, asking: Asking = {}): Promise<LightMyRequestResponse> {
  const { body, method = body === undefined ? 'GET' : 'POST', token, scheme = 'DPoP' } = asking;
  const {
    proof = prove({ method, url: origin + path, ...(token !== undefined && { accessToken: token }) }),
  } = asking;
  return await running.app.inject({
    method,
    url: path,
    headers: {
      ...(token !== undefined && { authorization: `${scheme} ${token}` }),
      ...(proof !== null && { dpop: proof }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: body }),
  });
}

const prove = (parts: ProofParts, by = key): string => by.sign({ now: running.clock.now, ...parts });
const me = async (parts: Partial<ProofParts>, by = key) =>
  await ask('/auth/me', {
    token: mine.access_token,
    proof: prove({ url: `${origin}/auth/me`, accessToken: mine.access_token, ...parts }, by),
  });
const refresh = async (token: string, proof?: string | null) =>
  await ask('/auth/refresh', { body: { refresh_token: token }, ...(proof !== undefined && { proof }) });

beforeEach(async () => {
  running = await startAuth();
  key = await ProofSigner.make();
  mine = (await ask('/auth/register', { body: anna })).json();
});
afterEach(async () => {
  await running.close();
});

const refusal = (rule: string, code = 'invalid_dpop_proof') => ({ statusCode: 401, body: { code, rule } });
const seen = (answer: LightMyRequestResponse) => ({ statusCode: answer.statusCode, body: answer.json() });

describe('C16 tokens bound to a key', () => {
  it('are given to clients that prove one, by either algorithm, and to no others', async () => {
    expect(mine.token_type).toBe('DPoP');
    const claims = JSON.parse(Buffer.from(mine.access_token.split('.')[1]!, 'base64url').toString());
    expect(claims.cnf).toEqual({ jkt: key.thumbprint });
    expect((await me({})).json()).toMatchObject({ name: 'anna', session: mine.session });
    const plain: TokenAnswer = (await ask('/auth/login', { body: anna, proof: null })).json();
    expect(plain.token_type).toBe('Bearer');
    key = await ProofSigner.make('EdDSA');
    const other: TokenAnswer = (await ask('/auth/login', { body: anna })).json();
    expect(other.token_type).toBe('DPoP');
    expect((await ask('/auth/me', { token: other.access_token })).statusCode).toBe(200);
  });

  const minute = 60;
  const wrong: readonly (readonly [string, () => Partial<ProofParts>, string])[] = [
    ['typ JWT', () => ({ header: { typ: 'JWT' } }), 'dpop.header_refused'],
    ['no typ', () => ({ header: { typ: undefined } }), 'dpop.header_refused'],
    ['alg none', () => ({ header: { alg: 'none' } }), 'dpop.header_refused'],
    ['alg HS256', () => ({ header: { alg: 'HS256' } }), 'dpop.header_refused'],
    ['alg RS256', () => ({ header: { alg: 'RS256' } }), 'dpop.header_refused'],
    ['another algorithm than the key’s', () => ({ header: { alg: 'EdDSA' } }), 'dpop.jwk'],
    ['a member that changes the reading', () => ({ header: { crit: ['exp'] } }), 'dpop.header_refused'],
    ['a private key', () => ({ header: { jwk: key.privateJwk } }), 'dpop.jwk'],
    ['a symmetric key', () => ({ header: { jwk: { kty: 'oct', k: 'AAAA' } } }), 'dpop.jwk'],
    ['no key', () => ({ header: { jwk: undefined } }), 'dpop.jwk'],
    ['a key that is no point', () => ({ header: { jwk: { ...key.jwk, x: 'AAAA' } } }), 'dpop.jwk'],
    ['another method', () => ({ method: 'POST' }), 'dpop.htm'],
    ['the method in lower case', () => ({ method: 'get' }), 'dpop.htm'],
    ['another path', () => ({ url: `${origin}/auth/sessions` }), 'dpop.htu'],
    ['another host', () => ({ url: 'https://localhost.evil:80/auth/me' }), 'dpop.htu'],
    ['another port', () => ({ url: 'https://localhost/auth/me' }), 'dpop.htu'],
    ['another scheme', () => ({ url: 'http://localhost:80/auth/me' }), 'dpop.htu'],
    ['a user in the address', () => ({ url: 'https://localhost:80@evil/auth/me' }), 'dpop.htu'],
    ['no address', () => ({ claims: { htu: undefined } }), 'dpop.htu'],
    ['no id', () => ({ claims: { jti: undefined } }), 'dpop.jti'],
    ['a number for an id', () => ({ claims: { jti: 7 } }), 'dpop.jti'],
    ['ten minutes old', () => ({ now: running.clock.now - 10 * minute * 1000 }), 'dpop.iat'],
    ['ten minutes ahead', () => ({ now: running.clock.now + 10 * minute * 1000 }), 'dpop.iat'],
    ['no time', () => ({ claims: { iat: undefined } }), 'dpop.iat'],
    ['a time in words', () => ({ claims: { iat: 'now' } }), 'dpop.iat'],
    ['no ath', () => ({ claims: { ath: undefined } }), 'dpop.ath'],
    ['the ath of another token', () => ({ claims: { ath: athOf('another') } }), 'dpop.ath'],
  ];
  it.each(wrong)('a proof with %s is refused', async (_what, parts, rule) => {
    const answer = await me(parts());
    expect(seen(answer)).toMatchObject(refusal(rule));
    expect(answer.headers['www-authenticate']).toMatch(
      /^DPoP .*error="invalid_dpop_proof", algs="EdDSA ES256"/,
    );
  });

  it('a proof of another key, a broken one and a changed one are refused', async () => {
    expect(seen(await me({}, await ProofSigner.make()))).toMatchObject(refusal('dpop.key'));
    const good = prove({ url: `${origin}/auth/me`, accessToken: mine.access_token });
    const [header, , signature] = good.split('.');
    const changed = `${header}.${encode({ htm: 'GET' })}.${signature}`;
    for (const [proof, rule] of [
      ['not a proof', 'dpop.malformed'],
      [`${good}=`, 'dpop.malformed'],
      [changed, 'dpop.signature_wrong'],
      ['x'.repeat(4097), 'dpop.too_large'],
    ] as const) {
      expect(seen(await ask('/auth/me', { token: mine.access_token, proof }))).toMatchObject(refusal(rule));
    }
  });

  it('a bound token is refused as a bearer token, with a proof beside it too; one that is not, with a proof', async () => {
    const asBearer = await ask('/auth/me', { token: mine.access_token, scheme: 'Bearer' });
    expect(seen(asBearer)).toMatchObject(refusal('dpop.missing'));
    const bare = await ask('/auth/me', { token: mine.access_token, proof: null });
    expect(seen(bare)).toMatchObject(refusal('dpop.missing'));
    const plain: TokenAnswer = (await ask('/auth/login', { body: anna, proof: null })).json();
    expect(seen(await ask('/auth/me', { token: plain.access_token }))).toMatchObject(refusal('dpop.unbound'));
  });

  it('a proof is good once, and one that is refused is not used up', async () => {
    const proof = prove({ url: `${origin}/auth/me`, accessToken: mine.access_token });
    expect((await ask('/auth/sessions', { token: mine.access_token, proof })).statusCode).toBe(401);
    expect((await ask('/auth/me', { token: mine.access_token, proof })).statusCode).toBe(200);
    expect(seen(await ask('/auth/me', { token: mine.access_token, proof }))).toMatchObject(
      refusal('dpop.replayed'),
    );
  });

  it('query and spelling of the address do not matter, as RFC 9449 has it', async () => {
    for (const url of ['HTTPS://LOCALHOST:80/auth/me?x=1#y', `${origin}/auth/../auth/me`]) {
      expect((await me({ url })).statusCode).toBe(200);
    }
  });

  it('a nonce of the server makes up for a clock that is wrong; another’s, and an old one, are refused', async () => {
    const now = running.clock.now - 86_400_000;
    const late = await me({ now });
    expect(seen(late)).toMatchObject(refusal('dpop.iat'));
    const nonce = String(late.headers['dpop-nonce']);
    expect((await me({ now, claims: { nonce } })).statusCode).toBe(200);
    running.clock.advance(299);
    expect((await me({ now, claims: { nonce } })).statusCode).toBe(200);
    running.clock.advance(1);
    const old = await me({ claims: { nonce } });
    expect([old.statusCode, old.json().code]).toEqual([401, 'use_dpop_nonce']);
    expect(old.headers['www-authenticate']).toContain('error="use_dpop_nonce"');
    const fresh = String(old.headers['dpop-nonce']);
    expect(fresh).not.toBe(nonce);
    for (const forged of [fresh.replace(/.$/, '_'), 'abc', '', 7]) {
      expect((await me({ claims: { nonce: forged } })).json().code).toBe('use_dpop_nonce');
    }
  });
});

describe('C16 refresh tokens of a bound session', () => {
  it('are good with a proof of the key alone, and a thief’s tries do not end the session', async () => {
    expect(seen(await refresh(mine.refresh_token, null))).toMatchObject(refusal('dpop.missing'));
    const other = (await ProofSigner.make()).sign({
      method: 'POST',
      url: `${origin}/auth/refresh`,
      now: running.clock.now,
    });
    expect(seen(await refresh(mine.refresh_token, other))).toMatchObject(refusal('dpop.key'));
    const next: TokenAnswer = (await refresh(mine.refresh_token)).json();
    expect(next).toMatchObject({ token_type: 'DPoP', session: mine.session });
    running.clock.advance(60);
    // The first token, long used, from somebody without the key.
    expect(seen(await refresh(mine.refresh_token, null))).toMatchObject(refusal('dpop.missing'));
    expect((await refresh(next.refresh_token)).statusCode).toBe(200);
  });

  it('are not traded by a proof that was used before', async () => {
    const proof = prove({ method: 'POST', url: `${origin}/auth/refresh` });
    const next: TokenAnswer = (await refresh(mine.refresh_token, proof)).json();
    expect(seen(await refresh(next.refresh_token, proof))).toMatchObject(refusal('dpop.replayed'));
    expect((await refresh(next.refresh_token)).statusCode).toBe(200);
  });

  it('bind a session that was bound to nothing, from the first proof on', async () => {
    const plain: TokenAnswer = (await ask('/auth/login', { body: anna, proof: null })).json();
    const bound: TokenAnswer = (await refresh(plain.refresh_token)).json();
    expect(bound).toMatchObject({ token_type: 'DPoP', session: plain.session });
    expect(seen(await refresh(bound.refresh_token, null))).toMatchObject(refusal('dpop.missing'));
  });
});

describe('C16 what is remembered of proofs', () => {
  it('is bounded for each key, and goes when the proofs are too old to be used', async () => {
    for (let count = 0; count < 600; count += 1) await me({});
    const answer = await me({});
    expect([answer.statusCode, answer.json().rule]).toEqual([503, 'dpop.many']);
    const other = await ProofSigner.make();
    const login = prove({ method: 'POST', url: `${origin}/auth/login` }, other);
    expect((await ask('/auth/login', { body: anna, proof: login })).statusCode).toBe(200);
    running.clock.advance(62);
    expect((await me({})).statusCode).toBe(200);
  });
});
