import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  certificatesFolder,
  dataFolder,
  ensureFolder,
  isClone,
  packageRoot,
  type Surroundings,
} from '../../../src/process/folders.ts';

let temporary: string;
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'castling-folders-'));
});
afterEach(() => rm(temporary, { recursive: true }));

const installed: Surroundings = {
  env: {},
  root: '/opt/node_modules/castling',
  home: '/home/ada',
  platform: 'linux',
};

async function clone(): Promise<string> {
  const root = join(temporary, 'castling');
  await mkdir(join(root, 'src'), { recursive: true });
  await writeFile(join(root, 'src', 'main.ts'), '');
  return root;
}

describe('packageRoot', () => {
  it('is the folder of package.json, and here a clone', () => {
    expect(packageRoot()).toBe(resolve(import.meta.dirname, '../../..'));
    expect(isClone(packageRoot())).toBe(true);
  });
});

describe('dataFolder', () => {
  it('is what the flag says, else what the environment says', () => {
    const env = { CASTLING_DATA: '/srv/env', XDG_DATA_HOME: '/x' };
    expect(dataFolder('/srv/flag', { ...installed, env })).toBe('/srv/flag');
    expect(dataFolder(undefined, { ...installed, env })).toBe('/srv/env');
    expect(dataFolder('data', installed)).toBe(resolve('data'));
  });

  it('lies inside a clone, but not inside node_modules', async () => {
    const root = await clone();
    expect(dataFolder(undefined, { ...installed, root })).toBe(join(root, 'data'));
    expect(dataFolder(undefined, installed)).toBe('/home/ada/.local/share/castling');
  });

  it.each([
    [{ XDG_DATA_HOME: '/xdg' }, '/xdg/castling'],
    [{ XDG_DATA_HOME: 'relative' }, '/home/ada/.local/share/castling'],
    [{ XDG_DATA_HOME: '', CASTLING_DATA: '' }, '/home/ada/.local/share/castling'],
  ])('follows the XDG specification: %o', (env, expected) => {
    expect(dataFolder(undefined, { ...installed, env })).toBe(expected);
  });

  it('needs to be told when the account has no home', () => {
    expect(() => dataFolder(undefined, { ...installed, home: '' })).toThrow(/--data DIR/);
  });
});

describe('certificatesFolder', () => {
  it('is the flag, the environment, the clone’s, or a part of the data folder, in this order', async () => {
    const root = await clone();
    const env = { CASTLING_CERTS: '/etc/castling' };
    expect(certificatesFolder('/flag', '/data', { ...installed, env })).toBe('/flag');
    expect(certificatesFolder(undefined, '/data', { ...installed, env })).toBe('/etc/castling');
    expect(certificatesFolder(undefined, '/data', { ...installed, root })).toBe(join(root, 'certs'));
    expect(certificatesFolder(undefined, '/data', installed)).toBe('/data/certs');
    expect(certificatesFolder(undefined, undefined, installed)).toBe('/home/ada/.local/share/castling/certs');
  });
});

describe('ensureFolder', () => {
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('creates a folder for the owner only, with its parents', async () => {
    const path = join(temporary, 'a', 'b');
    await ensureFolder(path);
    expect(await modeOf(path)).toBe(0o700);
    expect(await modeOf(join(temporary, 'a'))).toBe(0o700);
  });

  it('leaves the mode of one that is there, unless it is to be tightened', async () => {
    const path = join(temporary, 'a');
    await mkdir(path);
    await chmod(path, 0o755);
    await ensureFolder(path);
    expect(await modeOf(path)).toBe(0o755);
    await ensureFolder(path, { tighten: true });
    expect(await modeOf(path)).toBe(0o700);
  });

  it('names the folder and the flag when a file is in the way', async () => {
    const path = join(temporary, 'file');
    await writeFile(path, '');
    await expect(ensureFolder(join(path, 'sub'), { flag: '--data' })).rejects.toMatchObject({
      code: 'folder_unusable',
      message: expect.stringMatching(/file.*--data/),
    });
  });
});
