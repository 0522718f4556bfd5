import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const probe = new URL('../support/auth-kid-probe.ts', import.meta.url).pathname;

it('C5 no path, command or query comes of a kid', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-kid-'));
  const trace = join(folder, 'trace');
  try {
    await run('strace', [
      '-f',
      '-qq',
      '-s',
      '256',
      '-e',
      'trace=file,process',
      '-o',
      trace,
      process.execPath,
      probe,
    ]);
    const calls = readFileSync(trace, 'utf8');
    expect(calls).toContain('castling-kid-control');
    expect(calls).not.toContain('castling-kid-canary');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
