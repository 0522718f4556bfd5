import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const program = new URL('../../src/main.ts', import.meta.url).pathname;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => write('proxy:\n  port: 9001\nlog: { level: warn }\n'));

function write(text: string): void {
  writeFileSync(join(folder, 'castling.yaml'), text);
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function config(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...process.env, CASTLING_DATA: join(folder, 'data'), ...env } };
    execFile(process.execPath, [program, 'config', ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, stdout, stderr: stderr.replaceAll(`${folder}/`, '') });
    });
  });
}

describe('castling config', () => {
  it('show --origin says what counts, and where it comes from, secrets hidden', async () => {
    const env = {
      CASTLING_LOG_LEVEL: 'error',
      CASTLING_BACKEND_STORE: 'postgres://castling:s3cret@db/games',
    };
    const { code, stdout } = await config(['show', '--origin', '--set', 'proxy.adminPort=9002'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# flag > environment > file \(.*castling\.yaml\) > default$/m);
    expect(stdout).toMatch(/^proxy\.port: 9001 +# .*castling\.yaml:2:9$/m);
    expect(stdout).toMatch(/^log\.level: error +# CASTLING_LOG_LEVEL$/m);
    expect(stdout).toMatch(/^proxy\.adminPort: 9002 +# --set$/m);
    expect(stdout).toMatch(/^backend\.port: 7878 +# default$/m);
    expect(stdout).toMatch(
      /^backend\.store: postgres:\/\/castling:\*{8}@db\/games +# CASTLING_BACKEND_STORE$/m,
    );
    expect(stdout).not.toContain('s3cret');
  });

  it('show --json can be read by programs', async () => {
    const { stdout } = await config(['show', '--json', '--origin']);
    expect(JSON.parse(stdout)).toMatchObject({
      settings: { proxy: { port: 9001 }, auth: { accessTokenLifetime: '10m' } },
      origins: { 'proxy.host': 'default' },
    });
  });

  it('check tells every mistake of a file with its place, and ends with 78', async () => {
    write('proxy:\n  prot: 9001\n  adminPort: 99999\n');
    const { code, stderr } = await config(['check']);
    expect(code).toBe(78);
    expect(stderr.split('\n')).toEqual([
      'castling: castling.yaml: 2 mistakes, so nothing of it is used.',
      '  castling.yaml:2:3: proxy.prot: there is no such key; did you mean proxy.port?',
      expect.stringMatching(/^ {2}castling\.yaml:3:14: proxy\.adminPort: give a port/),
      '',
    ]);
  });

  it('check looks at the file alone, and --explain says what its keys do', async () => {
    const env = { CASTLING_PROXY_PORT: 'nonsense' };
    const { code, stdout } = await config(['check', 'castling.yaml', '--explain'], env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^proxy\.port: 9001\n {4}The port on which players are served/m);
    expect(stdout).toMatch(/castling\.yaml is in order: 2 keys, digest [0-9a-f]{12}\.\n$/);
  });

  it('explain knows keys and sections, and what was meant', async () => {
    expect((await config(['explain', 'limits'])).stdout).toContain('limits.session.messages.burst');
    const { code, stderr } = await config(['explain', 'proxy.prot']);
    expect(code).toBe(64);
    expect(stderr).toContain('did you mean proxy.port?');
  });

  it('init writes a file for this account alone, which is in order, and never over another', async () => {
    expect((await config(['init', 'new.yaml'])).code).toBe(0);
    expect(statSync(join(folder, 'new.yaml')).mode & 0o777).toBe(0o600);
    expect((await config(['check', 'new.yaml'])).stdout).toContain('is in order: 0 keys');
    const again = await config(['init', 'new.yaml']);
    expect(again.code).toBe(64);
    expect(again.stderr).toContain('exists');
  });

  it('reload says when nothing runs there', async () => {
    const { code, stderr } = await config(['reload']);
    expect(code).toBe(69);
    expect(stderr).toContain('No Castling runs with the data folder');
  });
});
