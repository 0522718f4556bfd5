import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository, run } from '../support/bootstrap-clone.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-ci-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `.ci/run` with a stand-in for npm. */
async function ci(npm: string) {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  const running = run('bash', ['.ci/run'], {
    cwd: repository,
    env: { ...process.env, CI: 'true', PATH: `${bin}:${process.env.PATH}` },
  });
  return { code: await running.ended, lines: running.output().trimEnd().split('\n') };
}

describe('.ci/run', () => {
  it('runs npm test, and its last line is the counts, alone', async () => {
    const { code, lines } = await ci('echo "npm $*"; echo "7 passed, 0 failed" > "$CASTLING_TEST_SUMMARY"');
    expect(lines).toEqual(['npm test', '7 passed, 0 failed']);
    expect(code).toBe(0);
  });

  it('fails when tests fail, with the counts still last', async () => {
    const { code, lines } = await ci(
      'echo "6 passed, 1 failed" > "$CASTLING_TEST_SUMMARY"; echo "npm error" >&2; exit 1',
    );
    expect(lines.at(-1)).toBe('6 passed, 1 failed');
    expect(code).toBe(1);
  });

  it.each([
    ['exit 69', 69],
    ['exit 0', 1],
  ])('says that nothing was counted, and fails, after “%s”', async (npm, expected) => {
    const { code, lines } = await ci(npm);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^The tests did not run/);
    expect(code).toBe(expected);
  });
});
