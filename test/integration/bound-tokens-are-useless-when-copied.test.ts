import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { closings } from '../../src/protocol/closings.ts';
import { type CliOptions, runCli } from '../support/cli-process.ts';
import { trust } from '../support/player.ts';
import { ProofSigner } from '../support/proof-signer.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-bound-'));
const anna = { name: 'anna', password: 'correct horse' };
let proxies: SessionProxies;
let key: ProofSigner;

beforeAll(async () => {
  proxies = await SessionProxies.start();
  trust({ ca: proxies.certificates.path('ca.pem') });
  key = await ProofSigner.make();
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const at = (index: number, path: string): string => `${proxies.urls[index]}${path}`;

/** What a client with the key sends to one of the proxies. */
async function ask(
  url: string,
  { body, token, proof }: { readonly body?: object; readonly token?: string; readonly proof?: string },
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `DPoP ${token}` }),
      dpop: proof ?? key.sign({ method, url, ...(token !== undefined && { accessToken: token }) }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** With every field as it is given, which `fetch` does not allow. */
function get(
  url: string,
  headers: Record<string, string>,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url);
    request(
      { host: 'localhost', servername: 'localhost', port, path: pathname, headers, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      },
    )
      .on('error', reject)
      .end();
  });
}

const signIn = async (name: string): Promise<TokenAnswer> => {
  const answer = await ask(at(0, '/auth/register'), { body: { ...anna, name } });
  expect(answer.status).toBe(201);
  return answer.body as unknown as TokenAnswer;
};

describe('C16 a bound token at running proxies', () => {
  it('works at each of them, and a proof that one has seen is refused by the other', async () => {
    const { access_token: token } = await signIn('ada');
    expect((await ask(at(1, '/auth/me'), { token })).status).toBe(200);
    // One address for players, as behind a balancer: both proxies are asked for it.
    const host = 'castling.example';
    const proof = key.sign({ url: `https://${host}/auth/me`, accessToken: token });
    const headers = { host, authorization: `DPoP ${token}`, dpop: proof };
    expect((await get(at(1, '/auth/me'), headers)).status).toBe(200);
    for (const index of [0, 1]) {
      const replayed = await get(at(index, '/auth/me'), headers);
      expect(replayed).toMatchObject({
        status: 401,
        body: { code: 'invalid_dpop_proof', rule: 'dpop.replayed' },
      });
    }
    const other = key.sign({ url: at(0, '/auth/me'), accessToken: token });
    expect(await get(at(1, '/auth/me'), { authorization: `DPoP ${token}`, dpop: other })).toMatchObject({
      status: 401,
      body: { rule: 'dpop.htu' },
    });
  });

  it('is nothing to whoever has it without the key, over HTTP and at the socket', async () => {
    const { access_token: token, refresh_token } = await signIn('grace');
    const thief = await ProofSigner.make();
    const asBearer = await fetch(at(0, '/auth/me'), { headers: { authorization: `Bearer ${token}` } });
    expect([asBearer.status, await asBearer.json()]).toMatchObject([401, { code: 'invalid_dpop_proof' }]);
    const proof = thief.sign({ url: at(0, '/auth/me'), accessToken: token });
    expect(await ask(at(0, '/auth/me'), { token, proof })).toMatchObject({
      status: 401,
      body: { rule: 'dpop.key' },
    });
    const refresh = thief.sign({ method: 'POST', url: at(0, '/auth/refresh') });
    expect(await ask(at(0, '/auth/refresh'), { body: { refresh_token }, proof: refresh })).toMatchObject({
      status: 401,
      body: { rule: 'dpop.key' },
    });
    const upgrade = thief.sign({ url: at(0, '/play'), accessToken: token });
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: upgrade },
    ]) {
      const player = proxies.connect(0, { headers });
      expect(await player.closed).toMatchObject({ code: closings.token_invalid.code });
    }
  });

  it('opens a socket at the upgrade or by the first message, and refreshes it in-band, each with its own proof', async () => {
    const { access_token: token, refresh_token, session } = await signIn('joan');
    const proofFor = (accessToken: string) => key.sign({ url: at(0, '/play'), accessToken });
    const headers = { authorization: `DPoP ${token}`, dpop: proofFor(token) };
    const first = proxies.connect(0, { headers });
    expect((await first.signedIn).result).toMatchObject({ session });
    const replayed = proxies.connect(0, { headers });
    expect(await replayed.closed).toMatchObject({ code: closings.token_invalid.code });

    const second = proxies.connect(0, {});
    await second.opened;
    const opened = await second.ask('session.open', { token, proof: proofFor(token) });
    expect(opened.result).toMatchObject({ session });
    const { body: next } = await ask(at(0, '/auth/refresh'), { body: { refresh_token } });
    const fresh = String(next.access_token);
    const bare = await second.ask('session.refresh', { token: fresh });
    expect(bare.error.data).toMatchObject({ code: 'token_invalid' });
    const refreshed = await second.ask('session.refresh', { token: fresh, proof: proofFor(fresh) });
    expect(refreshed.result).toMatchObject({ session });
    expect(second.isClosed).toBe(false);
  });
});

describe('C16 D11 the terminal’s token file', () => {
  const owner: CliOptions = { home: join(folder, 'owner'), url: '' };
  const run = async (home: string, args: readonly string[], input = '') =>
    await runCli([...args, '--json'], {
      ...owner,
      home,
      url: proxies.urls[0] ?? '',
      ca: proxies.certificates.path('ca.pem'),
      input,
    });
  const sessionFile = (home: string): string =>
    join(home, 'castling', 'servers', encodeURIComponent(new URL(at(0, '/')).host), 'players', 'hedy.json');
  const keys = (home: string): string => join(home, '.local', 'state', 'castling', 'keys');

  it('is of no use elsewhere, whole profile and all; the key lies apart from it, for its owner alone', async () => {
    expect((await run(owner.home, ['register', 'hedy', '--password-stdin'], 'correct horse\n')).code).toBe(0);
    expect((await run(owner.home, ['whoami'])).code).toBe(0);
    const saved = JSON.parse(readFileSync(sessionFile(owner.home), 'utf8'));
    expect(saved.boundTo).toMatch(/^[\w-]{43}$/);
    expect(readdirSync(keys(owner.home))).toEqual([`${saved.boundTo}.json`]);
    const keyFile = join(keys(owner.home), `${saved.boundTo}.json`);
    expect([statSync(keys(owner.home)).mode & 0o777, statSync(keyFile).mode & 0o777]).toEqual([0o700, 0o600]);
    const profile = readdirSync(join(owner.home, 'castling'), { recursive: true, withFileTypes: true });
    const kept = profile.filter((entry) => entry.isFile());
    for (const { parentPath, name } of kept) {
      expect(readFileSync(join(parentPath, name), 'latin1')).not.toMatch(/"d"|sealed/);
    }

    const thief = join(folder, 'thief');
    cpSync(join(owner.home, 'castling'), join(thief, 'castling'), { recursive: true });
    const copied = await run(thief, ['whoami']);
    expect([copied.code, JSON.parse(copied.stdout).code]).toEqual([77, 'key_missing']);
    // By hand, too: neither token opens anything by itself, and trying does not throw the owner out.
    const me = await fetch(at(0, '/auth/me'), { headers: { authorization: `Bearer ${saved.accessToken}` } });
    expect(me.status).toBe(401);
    const body = JSON.stringify({ refresh_token: saved.refreshToken });
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(at(0, '/auth/refresh'), { method: 'POST', headers, body })).status).toBe(401);
    writeFileSync(sessionFile(owner.home), JSON.stringify({ ...saved, accessExpiresAt: 0 }));
    expect((await run(owner.home, ['whoami'])).code).toBe(0);
    expect((await run(owner.home, ['logout'])).code).toBe(0);
    expect(readdirSync(keys(owner.home))).toEqual([]);
  });
});
