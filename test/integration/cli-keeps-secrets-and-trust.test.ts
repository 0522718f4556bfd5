import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeServer, startFakeServer } from '../support/cli-fake-server.ts';
import { type CliOptions, CliProcess, runCli } from '../support/cli-process.ts';
import { CliScreen } from '../support/cli-screen.ts';

let server: FakeServer;
let home: string;
let ca: string;
let user: CliOptions;
let trusting: CliOptions;

beforeEach(async () => {
  server = await startFakeServer();
  home = await mkdtemp(join(tmpdir(), 'castling-cli-'));
  ca = join(home, 'ca.pem');
  await writeFile(ca, server.ca);
  user = { home, url: server.url };
  trusting = { ...user, ca };
});
afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

const secret = 'correct horse battery staple';

describe('D11 the password and the tokens', () => {
  it('are in no argument, no variable and no output of any process of the command', async () => {
    const registering = new CliProcess(['register', 'ada', '--password-stdin'], trusting);
    registering.type(secret);
    // Everything is in the process now, and the line has not ended: it waits, and can be looked at.
    const seen = await lookAtFamily(registering.child.pid ?? 0);
    expect(seen).toContain('--password-stdin');
    registering.finish('\n');
    expect(await registering.done).toBe(0);
    const { stdout, stderr } = await runCli(['whoami', '--json'], trusting);
    for (const text of [seen, registering.stdout, registering.stderr, stdout, stderr]) {
      expect(text).not.toMatch(/correct horse|access-\d|crt_/);
    }
    expect(server.requests.find(({ path }) => path === '/auth/register')?.body.password).toBe(secret);
  });

  it('are asked for without echo on a terminal', async () => {
    const screen = await CliScreen.open(['register', 'ada', '--ca', ca], { ...user, columns: 80, rows: 24 });
    try {
      await screen.shows('New password:');
      await screen.press(secret, 'Enter');
      await screen.shows('Again:');
      await screen.press(secret, 'Enter');
      const text = await screen.shows('exit code 0');
      expect(text).toContain('Welcome, ada.');
      expect(text).not.toContain('horse');
    } finally {
      await screen.close();
    }
  });
});

describe('the server’s certificate', () => {
  it('is refused when nobody known signed it: no terminal, no question, and nothing is sent', async () => {
    const { code, stderr } = await runCli(['register', 'ada', '--password-stdin'], {
      ...user,
      input: `${secret}\n`,
    });
    expect(code).toBe(77);
    expect(stderr).toMatch(/SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\).*--ca FILE/);
    expect(server.requests).toEqual([]);
  });

  it('is trusted from then on once its CA was given', async () => {
    await runCli(['register', 'ada', '--password-stdin'], { ...trusting, input: `${secret}\n` });
    const { code, stdout } = await runCli(['whoami'], user);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ada at https://localhost'),
    });
  });

  it('is refused when its CA is not the one that was trusted before', async () => {
    await runCli(['register', 'ada', '--password-stdin'], { ...trusting, input: `${secret}\n` });
    const pinned = (await readdir(home, { recursive: true })).find((path) => path.endsWith('/ca.pem')) ?? '';
    const other = await startFakeServer();
    await writeFile(join(home, pinned), other.ca);
    await other.close();
    const { code, stderr } = await runCli(['whoami'], user);
    expect(code).toBe(77);
    expect(stderr).toContain('somebody may be in between');
    expect(server.requests.map(({ path }) => path)).toEqual(['/auth/register']);
  });

  it('is shown on a terminal, and trusted if the person says so', async () => {
    const screen = await CliScreen.open(['login', 'ada'], { ...user, columns: 80, rows: 24 });
    try {
      const text = await screen.shows(/Trust it .*\[y\/N\]/);
      expect(text).toMatch(/SHA-256 +([0-9A-F]{2}:){16}\s+([0-9A-F]{2}:){15}[0-9A-F]{2}\n/);
      expect(server.requests).toEqual([]);
      await screen.press('y', 'Enter');
      await screen.shows(/Password \(/);
      await screen.press('C-c');
      await screen.shows('exit code 130');
    } finally {
      await screen.close();
    }
  });

  it('cannot be asked about when the server does not show its CA', async () => {
    const silent = await startFakeServer({ sendCa: false });
    const { code, stderr } = await runCli(['login', 'ada', '--password-stdin'], { ...user, url: silent.url });
    await silent.close();
    expect(code).toBe(77);
    expect(stderr).toContain('Get the CA');
  });
});

describe('failures are one sentence that says what to do', () => {
  it.each([
    ['no server', ['login', 'ada', '--password-stdin'], { url: 'https://localhost:1' }, 69, '`npm start`'],
    ['not a URL', ['whoami'], { url: 'http://localhost' }, 64, '--url'],
    ['nobody signed in', ['play', 'tic-tac-toe'], {}, 77, 'castling login NAME'],
    ['another player', ['whoami', '--as', 'zoe'], {}, 77, 'not signed in as zoe'],
    ['no such game', ['play', 'ludo'], {}, 64, 'tic-tac-toe'],
    ['neither code nor id', ['watch', 'x'], {}, 64, 'invite code'],
    ['a CA that is none', ['login', 'ada', '--password-stdin', '--ca', '/dev/null'], {}, 78, '--ca'],
    ['a CA that is not there', ['matches', '--ca', '/nonexistent'], {}, 78, '--ca'],
    ['no terminal for the password', ['login', 'ada'], { needsCa: true }, 64, '--password-stdin'],
  ] as const)('%s', async (_, args, change, exitCode, hint) => {
    const options = {
      ...user,
      ...('needsCa' in change && { ca }),
      ...('url' in change && { url: change.url }),
    };
    const { code, stdout, stderr } = await runCli(args, { ...options, input: 'x\n' });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toMatch(/^castling: [^\n]+\n$/);
    expect(stderr).toContain(hint);
  });

  it('and one JSON object with --json', async () => {
    await runCli(['register', 'ada', '--password-stdin'], { ...trusting, input: `${secret}\n` });
    const again = await runCli(['register', 'ada', '--password-stdin', '--json'], {
      ...user,
      input: 'other one\n',
    });
    expect(again.stderr).toBe('');
    expect(JSON.parse(again.stdout)).toMatchObject({ type: 'error', code: 'name_taken', exitCode: 1 });
    const wrong = await runCli(['login', 'ada', '--password-stdin', '--json'], { ...user, input: 'wrong\n' });
    expect(JSON.parse(wrong.stdout)).toMatchObject({ code: 'credentials_wrong', exitCode: 77 });
  });
});

describe('a sign-in', () => {
  it('is refreshed once though several commands need it at the same time, and ends with logout', async () => {
    server.tokenSeconds = 1;
    await runCli(['register', 'ada', '--password-stdin'], { ...trusting, input: `${secret}\n` });
    server.tokenSeconds = 600;
    const runs = await Promise.all([1, 2, 3, 4].map(() => runCli(['whoami'], user)));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(server.refreshes).toBe(1);
    expect((await runCli(['logout'], user)).stdout).toContain('Signed out ada');
    expect((await runCli(['whoami'], user)).code).toBe(77);
    expect(server.requests.at(-1)?.path).toBe('/auth/logout?scope=local');
  });
});

/** Arguments and environment of a process and all its descendants, as other processes can read them. */
async function lookAtFamily(root: number): Promise<string> {
  const children = (await readFile(`/proc/${root}/task/${root}/children`, 'utf8')).split(' ').filter(Boolean);
  const own = await Promise.all(
    ['cmdline', 'environ'].map((file) => readFile(`/proc/${root}/${file}`, 'utf8')),
  );
  const theirs = await Promise.all(children.map((pid) => lookAtFamily(Number(pid))));
  return [...own, ...theirs].join('\n').replaceAll('\0', ' ');
}
