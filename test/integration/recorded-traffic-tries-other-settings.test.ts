import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
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

describe('castling config capture and test', () => {
  it('record metadata alone, and show what other rules and limits would have done with it', async () => {
    const file = join(castling.folder, 'traffic.jsonl');
    const data = join(castling.folder, 'data');
    const recording = config('capture', file, '--for', '8s', '--data', data);
    await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 30_000 }).toContain('"settings"');
    const ada = await registerRawPlayer(castling, { name: 'ada-canary' });
    const created = await ada.call('match.create', { game: 'tic-tac-toe', commandId: commandId() });
    for (let count = 0; count < 5; count += 1) await ada.call('match.list', { filter: 'mine' });
    const recorded = await recording;
    expect(recorded.stdout).toMatch(/traffic\.jsonl: \d+ records, \d+ bytes\./);
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const text = readFileSync(file, 'utf8');
    const [opened] = ada.received as { result: { player: string; session: string } }[];
    const { player = '', session = '' } = opened?.result ?? {};
    expect(session).toMatch(/^s_/);
    const secrets = [ada.grant.accessToken, 'ada-canary', player, session, String(created.result?.match)];
    for (const secret of secrets) expect(text).not.toContain(secret);

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
    expect(tested.stdout).toMatch(/^ {2}match\.list from 127\.0\.0\.1 at \d+\.\d s$/m);

    writeFileSync(settings, 'log: { level: debug }');
    const same = await config('test', settings, '--replay', file);
    expect(same.stdout).toMatch(/^\d+ records: nothing would change\.$/m);
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
