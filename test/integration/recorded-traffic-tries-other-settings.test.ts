import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCastling } from '../support/castling.ts';
import { commandId, registerRawPlayer } from '../support/raw-player.ts';

const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;

let castling: Awaited<ReturnType<typeof startCastling>>;
beforeAll(async () => {
  castling = await startCastling();
});
afterAll(async () => await castling[Symbol.asyncDispose]());

function config(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, 'config', ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

const password = 'correct horse canary';

/** What HTTP clients send that nobody should keep. */
async function canaryRequests({ url, ca }: { url: string; ca: string }, token: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    cookie: 'session=canary',
    origin: 'https://canary:canary@canary.example/canary',
    referer: 'https://canary.example/',
    'user-agent': 'Canary/1.0',
    'x-canary': 'canary',
  };
  for (const path of [
    '/api/games?canary=canary',
    '/canary/canary',
    '/api/matches/m_canary0123456789',
    '/auth/me',
  ]) {
    await new Promise<void>((resolve, reject) => {
      const request = get(`${url}${path}`, { ca: readFileSync(ca), headers, agent: false }, (response) => {
        response.resume().once('end', resolve);
      });
      request.once('error', reject);
    });
  }
}

type Fields = Readonly<Record<string, unknown>>;

function recordsIn(text: string): Fields[] {
  const lines = text.trim().split('\n').slice(1);
  return lines.flatMap((line) => (JSON.parse(line) as { records?: Fields[] }).records ?? []);
}

/** What each field may hold. Everything else is a number. */
const words: Readonly<Record<string, RegExp>> = {
  e: /^(connect|request|signIn|message|control|unmade|end|id|lost)$/,
  a: /^127\.0\.0\.1$/,
  r: /^(game|accounts|api|page)$/,
  k: /^([a-z]+\.[A-Za-z]+|misfit|(GET|POST|DELETE) \/[\w/:.*-]*)$/,
  o: /^(none|other)$/,
  i: /^r_[a-z0-9]+$/,
};

function expectMetadataAlone(record: Fields): void {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'string') expect(value).toMatch(words[name] ?? /^$/);
    else if (name === 'turn' || name === 'before') expect(value).toBe(true);
    else expect(value).toBeTypeOf('number');
  }
}

describe('castling config capture and test', () => {
  it('record metadata alone, and show what other rules and limits would have done with it', async () => {
    const file = join(castling.folder, 'traffic.jsonl');
    const data = join(castling.folder, 'data');
    const recording = config('capture', file, '--for', '8s', '--data', data);
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 30_000 }).toContain('"settings"');
    const ada = await registerRawPlayer(castling, { name: 'ada-canary', password });
    const created = await ada.call('match.create', { game: 'tic-tac-toe', commandId: 'c_canary-command' });
    const { match, code } = created.result as { match: string; code: string };
    for (let count = 0; count < 5; count += 1) await ada.call('match.list', { filter: 'mine' });
    await ada.call('match.move', { match, seq: 1, commandId: commandId(), move: 'canary-move' });
    await ada.call('lobby.find', { game: 'canary-game', commandId: commandId() });
    await canaryRequests(castling, ada.grant.accessToken);
    const recorded = await recording;
    expect(recorded.stdout).toMatch(/traffic\.jsonl: \d+ records, \d+ bytes\./);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const text = readFileSync(file, 'utf8');
    const [opened] = ada.received as { result: { player: string; session: string } }[];
    const { player = '', session = '' } = opened?.result ?? {};
    expect(session).toMatch(/^s_/);
    const { accessToken, refreshToken } = ada.grant;
    const secrets = [accessToken, refreshToken, password, player, session, match, code];
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(5);
    for (const secret of [...secrets, 'canary', 'Canary']) expect(text).not.toContain(secret);
    for (const record of recordsIn(text)) expectMetadataAlone(record);

    const settings = join(castling.folder, 'new.yaml');
    writeFileSync(
      settings,
      [
        'filters:',
        '  - { id: no-lists, action: deny, kinds: [match.list] }',
        '  - { id: creating, action: shadow, kinds: [match.create] }',
      ].join('\n'),
    );
    const tested = await config('test', settings, '--replay', file);
    expect(tested.stdout).toMatch(/^rule +newly refused +newly let in +in the shadow$/m);
    expect(tested.stdout).toMatch(/^no-lists +5 +0 +0$/m);
    expect(tested.stdout).toMatch(/^creating +0 +0 +1$/m);
    expect(tested.stdout).toMatch(/^ {2}match\.list from 127\.0\.0\.1 at \d+\.\d s, r_\w+$/m);

    writeFileSync(settings, 'log: { level: debug }');
    const same = await config('test', settings, '--replay', file);
    expect(same.stdout).toMatch(/^\d+ records: nothing would change\.$/m);
  });

  it('keeps to its size', async () => {
    const file = join(castling.folder, 'small.jsonl');
    const recording = config(
      'capture',
      file,
      '--for',
      '30s',
      '--most',
      '64KiB',
      '--data',
      join(castling.folder, 'data'),
    );
    let isOver = false;
    const over = recording.finally(() => {
      isOver = true;
    });
    const ada = await registerRawPlayer(castling, { name: 'ada-busy' });
    while (!isOver) await ada.call('match.list', { filter: 'mine' });
    expect((await over).stdout).toMatch(/small\.jsonl: \d+ records, \d+ bytes\./);
    expect(statSync(file).size).toBeGreaterThan(32 * 1024);
    expect(statSync(file).size).toBeLessThanOrEqual(64 * 1024);
  });

  it.each([
    ['--for', '25h', 'give a time from 1s to 24h'],
    ['--most', '1KiB', 'give a size from 64KiB to 16GiB'],
  ])('refuse %s %s, which is no bound', async (flag, value, sentence) => {
    const refused = await config('capture', join(castling.folder, 'unbounded'), flag, value);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain(sentence);
  });

  it('say in a sentence what is wrong', async () => {
    const file = join(castling.folder, 'no-capture');
    writeFileSync(file, '{"castling":"capture"}\n');
    const settings = join(castling.folder, 'empty.yaml');
    writeFileSync(settings, '');
    const tested = await config('test', settings, '--replay', file);
    expect(tested.code).toBe(64);
    expect(tested.stderr).toContain('is not a capture that this version reads (line 1)');
    const again = await config('capture', file, '--data', join(castling.folder, 'data'));
    expect(again.code).toBe(64);
    expect(again.stderr).toContain('is there already');
  });
});
