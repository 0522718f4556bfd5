import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askControlForAll } from '../../src/process/control/index.ts';
import { closings } from '../../src/protocol/closings.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { CliProcess } from '../support/cli-process.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import { registerPlayer, trust } from '../support/player.ts';
import { ProxyPlayer } from '../support/proxy-player.ts';
import { TinyIssuer } from '../support/tiny-issuer.ts';

const run = promisify(execFile);
const launcher = new URL('../../scripts/castling.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'castling-club-'));
const settings = join(folder, 'castling.yaml');
const tokenFile = join(folder, 'token');
const certificates = new LinkCertificates();
let issuer: TinyIssuer;
let castling: RunningCastling;

beforeAll(async () => {
  issuer = await TinyIssuer.start(certificates);
  writeFileSync(settings, listing());
  castling = await startCastling({ args: ['--settings', settings] });
  trust(castling);
});
afterAll(async () => {
  await castling?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  certificates.remove();
  rmSync(folder, { recursive: true });
});

/** The settings file as an operator writes it. */
function listing(extra = ''): string {
  return `auth:
  issuers:
    - issuer: ${issuer.url}
      audience: castling-club
      nameClaim: nickname
      ca: ${certificates.path('ca.pem')}
      unsafeAllowPrivateAddresses: true
${extra}`;
}

async function settle(text: string): Promise<void> {
  writeFileSync(`${settings}.next`, text);
  renameSync(`${settings}.next`, settings);
  const outcomes = await askControlForAll<{ kind: string }>('POST /config/reload', {
    data: join(castling.folder, 'data'),
  });
  expect(outcomes.map(({ kind }) => kind)).not.toContain('refused');
}

const tokenFor = (sub: string, claims: object = {}) =>
  issuer.token({ claims: { sub, sid: `${sub} at the club`, nickname: sub, ...claims } });

/** What one command prints, a JSON object a line. */
async function cli(who: string, ...args: string[]): Promise<CliProcess['objects']> {
  const options = { home: join(folder, who), url: castling.url, ca: castling.ca };
  const command = new CliProcess([...args, '--json'], options);
  command.finish('');
  await command.done;
  return command.objects;
}

/** Every byte of the database of accounts. */
function accounts(): string {
  const data = join(castling.folder, 'data');
  const files = readdirSync(data).filter((name) => name.startsWith('auth.db'));
  return files.map((name) => readFileSync(join(data, name), 'latin1')).join('\n');
}

/** Signs in by a file, as a player at a terminal does. */
async function signIn(who: string, token = tokenFor(who)) {
  writeFileSync(tokenFile, token, { mode: 0o600 });
  return await cli(who, 'login', '--token-file', tokenFile);
}

async function admin(...args: string[]): Promise<void> {
  await run(process.execPath, [launcher, 'admin', ...args, '--data', join(castling.folder, 'data')]);
}

async function me(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${castling.url}/auth/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const socketOf = (token: string) =>
  new ProxyPlayer({ url: castling.url, ca: readFileSync(castling.ca, 'utf8'), token });

describe('a club whose members sign in at its own provider', () => {
  it('needs a few lines of settings, and a member a file with a token', async () => {
    const signedIn = await signIn('joan');
    expect(signedIn).toMatchObject([{ type: 'signedIn', name: 'joan', server: castling.url }]);
    const options = { home: join(folder, 'joan'), url: castling.url, ca: castling.ca };
    const inviting = new CliProcess(['play', 'tic-tac-toe', '--create', '--plain'], options);
    const [, code = ''] = await inviting.sees(/Invite code: (\S+)/);
    const bob = await registerPlayer(castling, { name: 'bob' });
    const match = await bob.connection.joinMatch({ code });
    expect(match.state.seats.map(({ name }) => name).toSorted()).toEqual(['bob', 'joan']);
    inviting.finish('resign\n');
    expect(await inviting.done).toBe(0);
    bob.connection.close();
    const profile = await run('grep', ['-r', tokenFor('joan').slice(0, 40), join(folder, 'joan')]).catch(
      ({ code: status }: { code: number }) => status,
    );
    expect(profile).toBe(1);
  });

  it('meets each member as the same player, by whichever sign-in, key and name', async () => {
    const first = await me(tokenFor('mary'));
    issuer.rotate('ES256');
    // A key that is not known is asked for at most every half minute; another issuer's entry would not wait.
    await settle(listing('      longestTokenLifetime: 20h\n'));
    const later = await me(tokenFor('mary', { sid: 'another one', nickname: 'Mary Two' }));
    expect(first).toMatchObject({ status: 200, body: { name: 'mary' } });
    expect(later).toMatchObject({ status: 200, body: { name: 'mary', player: first.body.player } });
    expect(later.body.session).not.toBe(first.body.session);
  });

  it('gives nobody the name of somebody else', async () => {
    const bob = await registerPlayer(castling, { name: 'robin' });
    const answers = [await me(tokenFor('robin')), await me(tokenFor('u-77', { nickname: 'ｒobin' }))];
    expect(answers.map(({ body }) => body.name)).toEqual(['robin-2', 'robin-3']);
    bob.connection.close();
  });

  it('has no use for tokens that are meant for others', async () => {
    for (const claims of [{ aud: 'wiki' }, { aud: ['castling-club', 'wiki'] }, { iss: castling.url }]) {
      expect(await me(tokenFor('mallory', claims))).toMatchObject({ status: 401 });
    }
    const refused = await signIn('mallory', tokenFor('mallory', { aud: 'wiki' }));
    expect(refused).toMatchObject([{ type: 'error', code: 'token_claims_refused' }]);
    const both = await cli('mallory', 'login', 'bob', '--token-file', tokenFile);
    expect(both).toMatchObject([{ type: 'error', code: 'name_unasked', exitCode: 64 }]);
  });

  it('bans and unbans a member, whose sockets obey at once', async () => {
    const token = tokenFor('kate');
    const socket = socketOf(token);
    await socket.signedIn;
    await admin('users', 'ban', 'kate', '--reason', 'rude');
    expect(await socket.closed).toMatchObject({ code: closings.banned.code });
    expect(await me(tokenFor('kate', { sid: 'tries again' }))).toMatchObject({
      status: 401,
      body: { code: 'session_ended', rule: 'session.banned' },
    });
    await admin('users', 'unban', 'kate');
    expect(await me(tokenFor('kate', { sid: 'comes back' }))).toMatchObject({ status: 200 });
  });

  it('signs a member out on one device, from another', async () => {
    const phone = tokenFor('rosa', { sid: 'phone' });
    const socket = socketOf(phone);
    await socket.signedIn;
    await signIn('rosa', tokenFor('rosa', { sid: 'laptop' }));
    const listed = await cli('rosa', 'sessions');
    expect(listed.map(({ current }) => current).toSorted()).toEqual([false, true]);
    const other = listed.find(({ current }) => current === false)?.session;
    await cli('rosa', 'sessions', '--end', String(other));
    expect(await socket.closed).toMatchObject({ code: closings.signed_out_elsewhere.code });
    expect((await me(phone)).status).toBe(401);
    expect(await cli('rosa', 'whoami')).toMatchObject([{ type: 'whoami', name: 'rosa' }]);
    const out = await cli('rosa', 'logout');
    expect(out).toMatchObject([{ type: 'signedOut' }]);
    expect((await me(readFileSync(tokenFile, 'utf8'))).status).toBe(401);
  });

  it('F5 lets a member be forgotten, whose old token brings nobody back', async () => {
    await signIn('vera');
    expect(accounts()).toContain('vera');
    expect(await cli('vera', 'delete-account', '--yes')).toMatchObject([{ type: 'accountDeleted' }]);
    expect(await me(readFileSync(tokenFile, 'utf8'))).toMatchObject({ status: 401 });
    expect(accounts()).not.toContain('vera');
  });

  it('is trusted no longer than its lines stand in the file', async () => {
    await signIn('nora');
    const token = readFileSync(tokenFile, 'utf8');
    expect((await me(token)).status).toBe(200);
    await settle('auth:\n  issuers: []\n');
    expect((await me(token)).status).toBe(401);
    await settle(listing());
    expect((await me(token)).status).toBe(200);
  });
});
