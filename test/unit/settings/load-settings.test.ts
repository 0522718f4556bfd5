import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, type SettingsSources } from '../../../src/settings/load-settings.ts';
import { placeText, problemText } from '../../../src/settings/reading/located.ts';
import { SettingsError } from '../../../src/settings/settings-error.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'castling-settings-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

type Given = { flags?: Record<string, string | string[]>; env?: Record<string, string>; file?: string };

function load({ flags = {}, env = {}, file }: Given = {}) {
  const sources: SettingsSources = {
    flags: Object.entries(flags).flatMap(([key, texts]) =>
      [texts].flat().map((text) => ({ key, text, flag: '--set' })),
    ),
    env: { CASTLING_DATA: join(cwd, 'data'), ...env },
    cwd,
    file,
  };
  return loadSettings(sources);
}

async function problemsOf(given: Given): Promise<string[]> {
  try {
    await load(given);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map((problem) => problemText(problem).replaceAll(`${cwd}/`, ''));
  }
}

function write(text: string, name = 'castling.yaml'): string {
  const path = join(cwd, name);
  writeFileSync(path, text);
  return path;
}

describe('where settings come from', () => {
  it('is flag over environment over file over default, and each value says which', async () => {
    write('proxy: { port: 1, adminPort: 2, host: "127.0.0.1" }\nlog: { level: warn }');
    const env = { CASTLING_PROXY_PORT: '3', CASTLING_PROXY_ADMIN_PORT: '4' };
    const { settings, origins } = await load({ env, flags: { 'proxy.port': '5' } });
    expect(settings.proxy).toMatchObject({ port: 5, adminPort: 4, host: '127.0.0.1' });
    const from = (key: string) => placeText(origins.get(key) ?? { from: 'default' }).replace(`${cwd}/`, '');
    expect(from('proxy.port')).toBe('--set');
    expect(from('proxy.adminPort')).toBe('CASTLING_PROXY_ADMIN_PORT');
    expect(from('proxy.host')).toBe('castling.yaml:1:39');
    expect(from('backend.port')).toBe('default');
  });

  it('is the file in the working folder, else in the data folder, else none', async () => {
    expect((await load()).file).toBeUndefined();
    mkdirSync(join(cwd, 'data'));
    const inData = write('proxy: { port: 2 }', 'data/castling.yaml');
    expect(await load()).toMatchObject({ file: inData, settings: { proxy: { port: 2 } } });
    const here = write('proxy: { port: 1 }');
    expect(await load()).toMatchObject({ file: here, settings: { proxy: { port: 1 } } });
  });

  it('is the file that was chosen, by flag before environment, and no other', async () => {
    write('proxy: { port: 1 }');
    const a = write('proxy: { port: 2 }', 'a.yaml');
    const b = write('proxy: { port: 3 }', 'b.yaml');
    expect((await load({ file: 'a.yaml', env: { CASTLING_SETTINGS: b } })).file).toBe(a);
    expect((await load({ env: { CASTLING_SETTINGS: b } })).file).toBe(b);
    await expect(load({ file: 'c.yaml' })).rejects.toMatchObject({ code: 'file_missing' });
    await expect(load({ file: cwd })).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  it('lets one layer add to a section that another began', async () => {
    write('limits: { session: { messages: { burst: 10 } } }');
    const { settings } = await load({ flags: { 'limits.session.messages.perSecond': '5' } });
    expect(settings.limits.session.messages).toEqual({ perSecond: 5, burst: 10 });
  });

  it('takes paths from the folder of the file, or the working folder', async () => {
    mkdirSync(join(cwd, 'etc'));
    write('certs: ../certs', 'etc/castling.yaml');
    expect((await load({ file: 'etc/castling.yaml' })).settings.certs).toBe(join(cwd, 'certs'));
    expect((await load({ env: { CASTLING_CERTS: 'x' } })).settings.certs).toBe(join(cwd, 'x'));
  });

  it('takes lists with commas or as YAML', async () => {
    const origins = ['https://a.example', 'https://b.example:8443'];
    for (const text of [origins.join(', '), JSON.stringify(origins), `[${origins.join(', ')}]`]) {
      expect((await load({ env: { CASTLING_PROXY_ORIGINS: text } })).settings.proxy.origins).toEqual(origins);
    }
  });

  it('derives what follows from other keys', async () => {
    const { settings } = await load({ flags: { 'backend.port': '7', 'backend.host': '::', data: 'd' } });
    expect(settings.proxy.link).toEqual({ host: '127.0.0.1', port: 7 });
    expect(settings.auth.store).toBe(`sqlite:${cwd}/d/auth.db`);
  });

  it('counts an empty variable as not set', async () => {
    expect((await load({ env: { CASTLING_PROXY_PORT: '' } })).settings.proxy.port).toBe(8443);
  });
});

describe('mistakes in settings', () => {
  it('are all told at once, from every layer, also where a higher layer overrules', async () => {
    write('proxy: { port: x, prot: 1 }');
    const env = { CASTLING_PROXY_PORT: 'y', CASTLING_PROXY_PROT: '2', CASTLING_TEST_SEED: '1' };
    expect(await problemsOf({ env, flags: { 'proxy.port': '1', 'proxy.hots': '3' } })).toEqual([
      expect.stringMatching(
        /^castling.yaml:1:19: proxy.prot: there is no such key; did you mean proxy.port\?/,
      ),
      expect.stringMatching(/^castling.yaml:1:16: proxy.port: give a port/),
      expect.stringMatching(/^CASTLING_PROXY_PROT: .*did you mean CASTLING_PROXY_PORT\?/),
      expect.stringMatching(/^CASTLING_PROXY_PORT: proxy.port: give a port/),
      expect.stringMatching(/^--set: proxy.hots: .*did you mean proxy.host\?/),
    ]);
  });

  it('end the process with 78, or 64 where all are on the command line', async () => {
    await expect(load({ env: { CASTLING_PROXY_PORT: 'x' } })).rejects.toMatchObject({ exitCode: 78 });
    await expect(load({ flags: { 'proxy.port': 'x' } })).rejects.toMatchObject({ exitCode: 64 });
  });

  it('between keys are told at one of them', async () => {
    write('auth:\n  sessions:\n    idleLifetime: 30d\n    lifetime: 1d');
    expect(await problemsOf({})).toEqual([
      'castling.yaml:3:19: auth.sessions.idleLifetime: a session cannot wait for longer than it lives; give at most auth.sessions.lifetime.',
    ]);
  });

  it('are a file that is no text, is too long, or is no file', async () => {
    writeFileSync(join(cwd, 'castling.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    expect(await problemsOf({})).toEqual(['castling.yaml:1:1: this is not text in UTF-8.']);
    write(`#${'x'.repeat(300_000)}`);
    expect((await problemsOf({}))[0]).toContain('longer than');
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    await expect(load({ file: 'pipe' })).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});

describe('secrets in settings', () => {
  it('come from a file of their own', async () => {
    write('postgres://castling:s3cret@db/castling\n', 'store.txt');
    write('auth: { storeFile: store.txt }');
    const { settings, watched, origins } = await load();
    expect(settings.auth.store).toBe('postgres://castling:s3cret@db/castling');
    expect(settings.auth).not.toHaveProperty('storeFile');
    expect(watched).toContain(join(cwd, 'store.txt'));
    expect(origins.get('auth.store')).toMatchObject({ from: 'file', line: 1 });
  });

  it('come from the higher layer of the two', async () => {
    write('sqlite:from-file', 'store.txt');
    write('auth: { store: "sqlite:direct" }');
    expect((await load({ env: { CASTLING_AUTH_STORE_FILE: 'store.txt' } })).settings.auth.store).toBe(
      'sqlite:from-file',
    );
    write('auth: { storeFile: store.txt }');
    expect((await load({ env: { CASTLING_AUTH_STORE: 'sqlite:env' } })).settings.auth.store).toBe(
      'sqlite:env',
    );
  });

  it('are refused on the command line, and are in no message', async () => {
    const [problem = ''] = await problemsOf({ flags: { 'auth.store': 'postgres://u:s3cret@db/x' } });
    expect(problem).toMatch(/can be read by everybody.*auth\.storeFile/);
    expect(problem).not.toContain('s3cret');
    expect((await load({ flags: { 'auth.store': 'sqlite:x' } })).settings.auth.store).toBe('sqlite:x');
    const [unread = ''] = await problemsOf({ env: { CASTLING_AUTH_STORE: 'no url s3cret' } });
    expect(unread).toMatch(/^CASTLING_AUTH_STORE: auth.store: give the URL/);
    expect(unread).not.toContain('s3cret');
  });

  it('do not change the digest, while every other key does', async () => {
    const digest = async (flags: Record<string, string>, env = {}) => (await load({ flags, env })).digest;
    const with1 = await digest({}, { CASTLING_AUTH_STORE: 'postgres://u:one@db/x' });
    expect(await digest({}, { CASTLING_AUTH_STORE: 'postgres://u:two@db/x' })).toBe(with1);
    expect(await digest({}, { CASTLING_AUTH_STORE: 'postgres://u:one@db/y' })).not.toBe(with1);
    expect(await digest({ 'proxy.port': '1' })).not.toBe(await digest({}));
    expect(await digest({ 'proxy.port': '8443' })).toBe(await digest({}));
  });

  it.each([
    ['', 'empty'],
    ['two\nlines', 'more than a line'],
    ['x'.repeat(20_000), 'too long'],
  ])('are refused from a file that is not one line (%#: %s)', async (content) => {
    write(content, 'store.txt');
    write('auth: { storeFile: store.txt }');
    expect(await problemsOf({})).toEqual([expect.stringContaining('must hold one line of text')]);
  });
});
