import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionLimits } from '../../../../src/auth/sessions.ts';
import type { PlayerId } from '../../../../src/protocol/ids.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';
import { LinkCertificates } from '../../../support/link-certificates.ts';
import { ProofSigner } from '../../../support/proof-signer.ts';
import { TinyIssuer, type TokenParts } from '../../../support/tiny-issuer.ts';

const certificates = new LinkCertificates();
let issuer: TinyIssuer;
let running: RunningAuth;

beforeAll(async () => {
  issuer = await TinyIssuer.start(certificates);
});
afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
  certificates.remove();
});
beforeEach(async () => {
  running = await startAuth({ issuers: [issuer.listed()] });
});
afterEach(async () => {
  await running.close();
});

const token = (parts: TokenParts = {}): string => issuer.token({ now: running.clock.now, ...parts });
const me = async (text = token()) => {
  const answer = await running.get('/auth/me', text);
  return { status: answer.statusCode, body: answer.json() };
};
const claims = (change: Record<string, unknown>): string => token({ claims: change });

describe('a token of a listed issuer', () => {
  it('makes a player at the first time, and finds the same one ever after', async () => {
    const first = await me();
    expect(first).toMatchObject({ status: 200, body: { name: 'ada.lovelace' } });
    const again = await me(claims({ preferred_username: 'renamed' }));
    expect(again.body).toMatchObject({
      player: first.body.player,
      name: 'ada.lovelace',
      session: first.body.session,
    });
    const elsewhere = await me(claims({ sid: 'sign-in-2' }));
    expect(elsewhere.body.player).toBe(first.body.player);
    expect(elsewhere.body.session).not.toBe(first.body.session);
    const other = await me(claims({ sub: 'user-2', sid: 'x' }));
    expect(other.body).toMatchObject({ name: 'ada.lovelace-2' });
    const nameless = await me(claims({ sub: 'user-3', preferred_username: undefined }));
    expect(nameless.body.name).toMatch(/^[a-z]+-[a-z]+-\d{3}$/);
  });

  it('makes one player and one session, however many come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => me()));
    expect(new Set(answers.map(({ body }) => `${body.player} ${body.session}`)).size).toBe(1);
  });

  it.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'is verified by %s, with a key that came by rotation',
    async (alg) => {
      await me();
      issuer.rotate(alg);
      expect((await me()).body.code).toBe('token_key_unknown');
      running.clock.advance(30);
      expect((await me()).status).toBe(200);
    },
  );

  const wrong: readonly (readonly [string, () => string, string])[] = [
    ['another audience', () => claims({ aud: 'other' }), 'token_claims_refused'],
    ['two audiences', () => claims({ aud: ['castling-club', 'other'] }), 'token_claims_refused'],
    ['no audience', () => claims({ aud: undefined }), 'token_claims_refused'],
    ['an issuer that is not listed', () => claims({ iss: 'https://evil.example' }), 'token_header_refused'],
    ['an issuer with a slash more', () => claims({ iss: `${issuer.url}/` }), 'token_header_refused'],
    ['no subject', () => claims({ sub: undefined }), 'token_claims_refused'],
    ['an empty subject', () => claims({ sub: '' }), 'token_claims_refused'],
    ['a subject without end', () => claims({ sub: 'x'.repeat(256) }), 'token_claims_refused'],
    ['a number for a session', () => claims({ sid: 7 }), 'token_claims_refused'],
    [
      'a lifetime over the most',
      () => claims({ exp: running.clock.now / 1000 + 86_401 }),
      'token_claims_refused',
    ],
    ['no end', () => claims({ exp: undefined }), 'token_claims_refused'],
    ['an end that has passed', () => token({ now: running.clock.now - 3_700_000 }), 'token_expired'],
    [
      'a beginning ten minutes ahead',
      () => token({ now: running.clock.now + 600_000 }),
      'token_claims_refused',
    ],
    ['the form of a logout token', () => claims({ events: {} }), 'token_claims_refused'],
    ['the type of a logout token', () => token({ header: { typ: 'logout+jwt' } }), 'token_header_refused'],
    ['the type of a proof', () => token({ header: { typ: 'dpop+jwt' } }), 'token_header_refused'],
    ['alg none', () => token({ header: { alg: 'none' } }), 'token_header_refused'],
    ['an algorithm that is not listed', () => token({ header: { alg: 'PS256' } }), 'token_header_refused'],
    ['no kid', () => token({ header: { kid: undefined } }), 'token_header_refused'],
    ['a key of its own', () => token({ header: { jwk: {} } }), 'token_header_refused'],
    ['an address of keys', () => token({ header: { jku: 'https://evil.example' } }), 'token_header_refused'],
    ['a critical extension', () => token({ header: { crit: ['exp'] } }), 'token_header_refused'],
    ['a binding of another kind', () => claims({ cnf: { 'x5t#S256': 'x' } }), 'token_claims_refused'],
    ['another signature', () => `${token().slice(0, -8)}AAAAAAAA`, 'token_signature_wrong'],
  ];
  it.each(wrong)('with %s is refused', async (_what, make, code) => {
    expect((await me()).status).toBe(200);
    expect(await me(make())).toMatchObject({ status: 401, body: { code } });
  });

  it('signed by our issuer’s keys for their name, or by theirs for ours, is refused', async () => {
    const own = (await running.post('/auth/register', { name: 'bert', password: 'correct horse' })).json();
    const [, payload = ''] = String(own.access_token).split('.');
    const ours = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect((await me(token({ header: { typ: 'at+jwt' }, claims: ours }))).status).toBe(401);
    expect((await me(own.access_token)).body.name).toBe('bert');
  });

  it('that is bound to a key needs a proof of it', async () => {
    const key = await ProofSigner.make();
    const bound = claims({ cnf: { jkt: key.thumbprint } });
    expect((await me(bound)).body.code).toBe('invalid_dpop_proof');
    const proof = key.sign({
      url: 'https://localhost:80/auth/me',
      accessToken: bound,
      now: running.clock.now,
    });
    const headers = { authorization: `DPoP ${bound}`, dpop: proof };
    expect((await running.app.inject({ method: 'GET', url: '/auth/me', headers })).statusCode).toBe(200);
  });

  it('is refused clearly while its issuer cannot be asked, and nobody else notices', async () => {
    const own = (await running.post('/auth/register', { name: 'bert', password: 'correct horse' })).json();
    issuer.answer = () => ({ status: 500 });
    const answer = await running.get('/auth/me', token());
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([
      503,
      'issuer_unavailable',
      '5',
    ]);
    expect((await running.get('/auth/me', own.access_token)).statusCode).toBe(200);
    issuer.answer = undefined;
    running.clock.advance(5);
    expect((await me()).status).toBe(200);
  });

  it('does not count any more when the issuer is taken off the list', async () => {
    expect((await me()).status).toBe(200);
    running.auth.trustIssuers([]);
    expect((await me()).status).toBe(401);
    running.auth.trustIssuers([issuer.listed()]);
    expect((await me()).status).toBe(200);
  });
});

describe('our sessions govern an outside issuer’s tokens', () => {
  it('that are signed out are refused, until the issuer vouches anew', async () => {
    const first = await me();
    const before = token();
    await running.post('/auth/logout', undefined, before);
    expect(await me(before)).toMatchObject({
      status: 401,
      body: { code: 'session_ended', rule: 'session.logout' },
    });
    running.clock.advance(30);
    expect((await me()).status).toBe(401);
    running.clock.advance(31);
    const anew = await me();
    expect(anew.body).toMatchObject({ player: first.body.player });
    expect(anew.body.session).not.toBe(first.body.session);
    expect((await me(before)).status).toBe(401);
  });

  it('that have lived as long as sessions may begin anew, with tokens from after that only', async () => {
    const first = await me();
    const { sessionSeconds } = sessionLimits;
    running.clock.advance(sessionSeconds - 60);
    const before = token();
    expect((await me(before)).body.session).toBe(first.body.session);
    running.clock.advance(60);
    expect((await me(before)).status).toBe(401);
    running.clock.advance(61);
    const anew = await me();
    expect(anew).toMatchObject({ status: 200, body: { player: first.body.player } });
    expect(anew.body.session).not.toBe(first.body.session);
    expect((await me(before)).status).toBe(401);
  });

  it('that are in use are not those that make room for others', async () => {
    const used = (await me()).body.session;
    for (let sid = 0; sid < sessionLimits.sessionsPerPlayer - 1; sid += 1) {
      await me(claims({ sid: `other ${sid}` }));
    }
    running.clock.advance(601);
    expect((await me()).body.session).toBe(used);
    for (let sid = 0; sid < 3; sid += 1) await me(claims({ sid: `newer ${sid}` }));
    expect(await me()).toMatchObject({ status: 200, body: { session: used } });
    const rules = [];
    for (let sid = 0; sid < sessionLimits.sessionsPerPlayer - 1; sid += 1) {
      rules.push((await me(claims({ sid: `other ${sid}` }))).body.rule);
    }
    expect(rules.filter((rule) => rule === 'session.displaced')).toHaveLength(3);
  });

  it('without a sign-in of their own end for good', async () => {
    const alone = claims({ sid: undefined, jti: 'token-1' });
    expect((await me(alone)).status).toBe(200);
    await running.post('/auth/logout', undefined, alone);
    running.clock.advance(600);
    expect((await me(alone)).status).toBe(401);
    expect((await me(claims({ sid: undefined, jti: 'token-2' }))).status).toBe(200);
    const unnamed = claims({ sid: undefined });
    const one = await me(unnamed);
    expect((await me(unnamed)).body.session).toBe(one.body.session);
  });

  it('have no password here, and delete the account without one; a token from before brings it not back', async () => {
    const { body } = await me();
    expect(
      (await running.post('/auth/login', { name: body.name, password: 'correct horse' })).statusCode,
    ).toBe(401);
    const old = token();
    expect((await running.post('/auth/delete-account', {}, old)).statusCode).toBe(204);
    expect(await me(old)).toMatchObject({ status: 401, body: { rule: 'session.account_deleted' } });
    running.clock.advance(120);
    const anew = await me();
    expect(anew.status).toBe(200);
    expect(anew.body.player).not.toBe(body.player);
  });

  it('lead to a name and pseudonym like anybody’s', async () => {
    const { body } = await me();
    const pseudonym = await running.auth.pseudonymOf(body.player as PlayerId, 'game');
    expect(await running.auth.shownAs(pseudonym, 'game')).toEqual({ name: 'ada.lovelace' });
    const exported = (await running.get('/auth/export', token())).json();
    expect(exported).toMatchObject({ outsideIdentity: { issuer: issuer.url, subject: 'user-1' } });
  });
});
