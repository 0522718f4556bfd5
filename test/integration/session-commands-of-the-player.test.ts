import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, runCastling } from '../support/castling.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const folder = mkdtempSync(join(tmpdir(), 'castling-commands-'));
const homes = {
  laptop: join(folder, 'laptop'),
  phone: join(folder, 'phone'),
  tablet: join(folder, 'tablet'),
};
let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 1 });
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function castling(home: keyof typeof homes, args: string[], input = ''): Promise<CommandResult> {
  const server = { url: proxies.urls[0] ?? '', ca: proxies.certificates.path('ca.pem') };
  return await runCastling(server, { args: [...args, '--json'], home: homes[home], input });
}

const objects = ({ stdout }: CommandResult) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Every byte of the database of accounts: freed pages and the write-ahead log, too. */
function stored(): string {
  const { folder: at } = proxies.certificates;
  const files = readdirSync(at).filter((name) => name.startsWith('auth.db'));
  return files.map((name) => readFileSync(join(at, name), 'latin1')).join('\n');
}

describe('D9 C13 the player’s commands', () => {
  it('sessions, password and recover do what they say', async () => {
    const registered = await castling('laptop', ['register', 'anna', '--password-stdin'], 'correct horse\n');
    expect(registered.code).toBe(0);
    const [{ recoveryCodes }] = objects(registered);
    expect(recoveryCodes).toHaveLength(8);
    expect((await castling('phone', ['login', 'anna', '--password-stdin'], 'correct horse\n')).code).toBe(0);

    const listed = objects(await castling('laptop', ['sessions']));
    expect(listed.map(({ current }) => current).toSorted()).toEqual([false, true]);
    const phone = listed.find(({ current }) => !current).session;
    expect((await castling('laptop', ['sessions', '--end', phone])).code).toBe(0);
    expect((await castling('phone', ['sessions'])).code).not.toBe(0);
    expect(objects(await castling('laptop', ['sessions']))).toHaveLength(1);

    const wrong = await castling('laptop', ['password', '--password-stdin'], 'not hers\nbattery staple\n');
    expect([wrong.code === 0, objects(wrong)[0]]).toMatchObject([false, { code: 'password_wrong' }]);
    const one = await castling('laptop', ['password', '--password-stdin'], 'correct horse\n');
    expect(objects(one)[0]).toMatchObject({ code: 'password_missing' });
    const changed = await castling(
      'laptop',
      ['password', '--password-stdin'],
      'correct horse\nbattery staple\n',
    );
    expect(changed.code).toBe(0);
    expect((await castling('phone', ['login', 'anna', '--password-stdin'], 'battery staple\n')).code).toBe(0);

    const recovered = await castling(
      'phone',
      ['recover', 'anna', '--password-stdin'],
      `${recoveryCodes[0]}\nhorse battery\n`,
    );
    expect(objects(recovered)).toMatchObject([{ recovered: true, recoveryCodesLeft: 7 }]);
    expect((await castling('laptop', ['sessions'])).code).not.toBe(0);
    expect(objects(await castling('phone', ['sessions']))).toMatchObject([{ current: true }]);
  });

  it('F5 export and delete-account do what they say', async () => {
    const password = 'correct horse\n';
    expect((await castling('tablet', ['register', 'bert', '--password-stdin'], password)).code).toBe(0);
    expect(stored()).toContain('bert');
    const [account] = objects(await castling('tablet', ['export']));
    expect(account).toMatchObject({ type: 'account', name: 'bert', sessions: [{ endedAt: null }] });
    const output = join(folder, 'bert.json');
    expect((await castling('tablet', ['export', '--output', output])).code).toBe(0);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({ player: account.player, name: 'bert' });

    const unsure = await castling('tablet', ['delete-account', '--password-stdin'], password);
    expect(objects(unsure)).toMatchObject([{ code: 'unconfirmed', exitCode: 64 }]);
    const wrong = await castling('tablet', ['delete-account', '--yes', '--password-stdin'], 'not his\n');
    expect(objects(wrong)).toMatchObject([{ code: 'password_wrong' }]);
    const deleted = await castling('tablet', ['delete-account', '--yes', '--password-stdin'], password);
    expect(objects(deleted)).toMatchObject([{ type: 'accountDeleted', name: 'bert' }]);
    expect(objects(await castling('tablet', ['whoami']))).toMatchObject([{ code: 'not_signed_in' }]);
    const gone = await castling('tablet', ['login', 'bert', '--password-stdin'], password);
    expect(objects(gone)).toMatchObject([{ code: 'credentials_wrong' }]);
    expect(stored()).not.toContain('bert');
  });

  it('D4 the terminal keeps a device token, so that its owner gets in while strangers guess', async () => {
    const server = encodeURIComponent(new URL(proxies.urls[0] ?? '').host);
    const file = join(homes.phone, 'servers', server, 'players', 'anna.device');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toMatch(/^cdt_[\w-]{43}$/);
    for (let tries = 0; tries < 10; tries += 1) {
      await proxies.accounts.post('/auth/login', { name: 'anna', password: 'not her password' });
    }
    const stranger = await proxies.accounts.post('/auth/login', { name: 'anna', password: 'horse battery' });
    expect(stranger.statusCode).toBe(429);
    await castling('phone', ['logout']);
    expect((await castling('phone', ['login', 'anna', '--password-stdin'], 'horse battery\n')).code).toBe(0);
  });
});
