import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDevelopmentCertificates } from '../../src/process/certificates/index.ts';
import { belowFloor } from '../../src/process/version-floors.ts';

const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-proxy-'));
  await ensureDevelopmentCertificates({ folder: join(folder, 'certs'), names: [], force: false });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: unknown; stderr: string }> {
  const flags = [
    '--data',
    join(folder, 'data'),
    '--certs',
    join(folder, 'certs'),
    '--port',
    '0',
    '--admin-port',
    '0',
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [bin, 'proxy', ...flags, ...args],
      { env: { ...process.env, ...env }, timeout: 30_000 },
      (error, _out, stderr) => resolve({ code: error?.code ?? 0, stderr }),
    );
  });
}

describe('castling proxy', () => {
  it('A14 refuses development certificates in production', async () => {
    const { code, stderr } = await start([], { NODE_ENV: 'production', CASTLING_UNSAFE_OLD_NODE: 'true' });
    expect(code).toBe(78);
    expect(stderr).toContain('is a development certificate and NODE_ENV is production');
  });

  it('G3 refuses an old Node in production, and says so', async () => {
    const isOld = belowFloor().length > 0;
    const { code, stderr } = await start([], { NODE_ENV: 'production' });
    expect(code).toBe(78);
    expect(stderr.includes('Not for production: Node.js')).toBe(isOld);
    if (isOld) expect(stderr).toContain('say unsafeOldNode: true');
  });

  it('says which port is taken and which flag moves it', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await start(['--port', String(port)]);
    server.close();
    expect(code).toBe(69);
    expect(stderr).toContain(`Port ${port} is taken by another program`);
    expect(stderr).toContain('--port');
  });

  it.each([
    [['--origin', 'https://example.org/'], 64, /write https:\/\/example\.org\./],
    [['--link', 'nonsense'], 64, /HOST:PORT/],
    [['--port', '99999'], 64, /0 to 65535/],
    [['--certs', '/nowhere/at/all'], 78, /does not exist/],
  ])('%j is refused in a sentence', async (args, expected, sentence) => {
    const { code, stderr } = await start(args);
    expect(code).toBe(expected);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
