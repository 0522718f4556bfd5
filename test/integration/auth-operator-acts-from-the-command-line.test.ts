import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EndedSession } from '../../src/auth/index.ts';
import { type RunningAuth, startAuth } from '../support/auth-fixture.ts';

const runner = new URL('../support/auth-admin.ts', import.meta.url).pathname;
const run = promisify(execFile);
const password = 'correct horse';
let folder: string;
let running: RunningAuth;
let ended: EndedSession[];

// biome-ignore lint/suspicious/noExplicitAny: a test looks into rows of every shape.
async function admin(...args: string[]): Promise<any[]> {
  const { stdout } = await run(process.execPath, [runner, 'admin', ...args, '--data', folder, '--json']);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function failure(...args: string[]): Promise<{ code: number; stderr: string }> {
  try {
    await run(process.execPath, [runner, 'admin', ...args, '--data', folder]);
  } catch (error) {
    return error as { code: number; stderr: string };
  }
  throw new Error('the command did not fail');
}

const register = async (name: string) => (await running.post('/auth/register', { name, password })).json();
const login = async (name: string) => (await running.post('/auth/login', { name, password })).statusCode;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-admin-'));
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

describe('D10 a fresh installation', () => {
  it('has no account, started once or twice', async () => {
    expect(await admin('users', 'list')).toEqual([]);
    for (let start = 0; start < 2; start += 1) {
      const first = await startAuth({ storeUrl: `sqlite:${join(folder, 'auth.db')}`, clock: Date.now });
      await first.close();
      expect(await admin('users', 'list')).toEqual([]);
    }
    running = await startAuth({ storeUrl: `sqlite:${join(folder, 'auth.db')}`, clock: Date.now });
    ended = [];
    running.auth.onSessionEnd((end) => ended.push(end));
  });
});

describe('C13 castling admin', () => {
  it('lists and shows accounts and sessions', async () => {
    const { player, session } = await register('anna');
    expect(await admin('users', 'list')).toMatchObject([{ name: 'anna', player, banned: null }]);
    expect(await admin('users', 'show', 'Anna')).toMatchObject([{ player, sessions: 1 }]);
    expect(await admin('sessions', 'list', player)).toMatchObject([{ session, ended: null }]);
    const { stdout } = await run(process.execPath, [runner, 'admin', 'users', 'list', '--data', folder]);
    expect(stdout).toMatch(/^name +player +created +banned +from\nanna +p_\S+ +\S+Z +- +-\n$/);
  });

  it('bans with a reason and an end, and opens again', async () => {
    const { session } = await register('bert');
    const [banned] = await admin('users', 'ban', 'bert', '--reason', 'cheats', '--for', '2h');
    expect(banned.until - Date.now()).toBeGreaterThan(7_100_000);
    await vi.waitFor(() => expect(ended).toContainEqual({ session, because: 'banned' }), { timeout: 1_000 });
    expect(await login('bert')).toBe(401);
    expect(await admin('users', 'show', 'bert')).toMatchObject([{ banReason: 'cheats', sessions: 0 }]);
    await admin('users', 'unban', 'bert');
    expect(await login('bert')).toBe(200);
  });

  it('revokes one session, or all', async () => {
    const { session } = await register('cora');
    await admin('sessions', 'revoke', session);
    await vi.waitFor(() => expect(ended).toContainEqual({ session, because: 'revoked' }), { timeout: 1_000 });
    await login('cora');
    await admin('sessions', 'revoke', 'cora');
    expect((await admin('sessions', 'list', 'cora')).map(({ because }) => because)).toEqual([
      'revoked',
      'revoked',
    ]);
  });

  it('D10 resets to a code that opens the account once, and is no password', async () => {
    await register('dora');
    const [{ code }] = await admin('users', 'reset', 'dora');
    expect(await login('dora')).toBe(401);
    expect((await running.post('/auth/login', { name: 'dora', password: code })).statusCode).toBe(401);
    const body = { name: 'dora', recovery_code: code, new_password: 'battery staple' };
    expect((await running.post('/auth/recover', body)).statusCode).toBe(200);
    expect((await running.post('/auth/recover', body)).statusCode).toBe(401);
  });

  it('C12 rotates keys', async () => {
    const [{ kid }] = await admin('keys', 'rotate');
    const listed = await admin('keys', 'list');
    expect(listed.map((each) => each.kid)).toContain(kid);
    expect(JSON.stringify(listed)).not.toContain('"d"');
    const published = async () => (await running.get('/.well-known/jwks.json')).body;
    await vi.waitFor(async () => expect(await published()).toContain(kid), { timeout: 1_000 });
  });

  it('keeps a log of who did what, which names the account of the machine', async () => {
    const log = await admin('audit', '--limit', '500');
    expect(new Set(log.map(({ actor }) => actor))).toContain(`operator:${userInfo().username}`);
    expect(log.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.ban', 'user.unban', 'user.reset', 'session.revoke', 'keys.rotate']),
    );
    const numbers = log.map(({ number }) => number);
    expect(numbers).toEqual(numbers.toSorted((one, other) => other - one));
  });

  it('says in a sentence what is wrong', async () => {
    expect(await failure('users', 'show', 'nobody\u001b[2J')).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^castling: There is no account nobody/),
    });
    expect((await failure('users', 'show', 'nobody\u001b[2J')).stderr).not.toContain('\u001b');
    expect((await failure('users', 'ban', 'anna', '--reason', 'x', '--for', 'ever')).code).toBe(64);
    expect((await failure('users', 'delete', 'anna')).code).toBe(64);
  });
});

describe('F5 erase', () => {
  it('leaves nothing of the player in the account database, not even in freed pages', async () => {
    const name = 'canaryname';
    const device = 'canary device';
    const { access_token: token, player } = (
      await running.post('/auth/register', { name, password, device })
    ).json();
    const pseudonym = await running.auth.pseudonymOf(player, 'game');
    const refused = await running.post('/auth/delete-account', { current_password: 'wrong one' }, token);
    expect(refused.statusCode).toBe(403);
    const answer = await running.post('/auth/delete-account', { current_password: password }, token);
    expect(answer.statusCode).toBe(204);
    expect((await running.get('/auth/me', token)).statusCode).toBe(401);
    expect(await login(name)).toBe(401);
    await running.close();
    const bytes = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'latin1'))
      .join('');
    expect(bytes).toContain('bert');
    for (const canary of [name, device, pseudonym]) expect(bytes).not.toContain(canary);
    running = await startAuth({ storeUrl: `sqlite:${join(folder, 'auth.db')}`, clock: Date.now });
    expect((await running.post('/auth/register', { name, password })).statusCode).toBe(201);
  });
});
