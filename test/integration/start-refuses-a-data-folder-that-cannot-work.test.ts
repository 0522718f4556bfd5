import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';

const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;

async function startAt({ data, certs }: { readonly data: string; readonly certs: string }) {
  const [port, link, admin] = await freePorts(3);
  const ports = ['--port', port, '--link-port', link, '--admin-port', admin].map(String);
  const child = spawn(
    process.execPath,
    [bin, 'start', '--host', '127.0.0.1', ...ports, '--data', data, '--certs', certs],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'exit');
  return { code, output };
}

describe('castling start on a data folder that cannot work', () => {
  it.each(['auth.db', 'game.db'])(
    'says in a sentence that %s is damaged, and does not try again and again',
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'castling-damaged-'));
      writeFileSync(
        join(folder, name),
        'this is not a database, and long enough to be taken for one. '.repeat(200),
        { mode: 0o600 },
      );
      const { code, output } = await startAt({ data: folder, certs: join(folder, 'certs') });
      expect(code).toBe(78);
      expect(output).toMatch(/castling: The (database )?file is (damaged|not a SQLite database)/);
      expect(output).not.toContain('unexpected error');
      rmSync(folder, { recursive: true });
    },
  );
});
