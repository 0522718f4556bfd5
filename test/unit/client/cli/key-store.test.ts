import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeyStore, keyHome } from '../../../../src/client/cli/key-store.ts';

const here = 'a'.repeat(32);
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'castling-keys-')), 'keys');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const storeOn = (machineId: string | undefined): KeyStore =>
  new KeyStore({ folder, machineId: async () => machineId });

describe('C16 D11 keys of sign-ins', () => {
  it('are kept for their owner alone, and removed', async () => {
    const store = storeOn(here);
    const key = await store.make();
    await store.save(key);
    const path = join(folder, `${key.thumbprint}.json`);
    expect([(await stat(folder)).mode & 0o777, (await stat(path)).mode & 0o777]).toEqual([0o700, 0o600]);
    expect((await store.load(key.thumbprint))?.thumbprint).toBe(key.thumbprint);
    await store.remove(key.thumbprint);
    await store.remove(key.thumbprint);
    expect(await readdir(folder)).toEqual([]);
    expect(await store.load(key.thumbprint)).toBeUndefined();
  });

  it('are of no use to a copy of the folder on another machine, nor under another name', async () => {
    const key = await storeOn(here).make();
    await storeOn(here).save(key);
    const path = join(folder, `${key.thumbprint}.json`);
    expect(await readFile(path, 'utf8')).not.toContain(String((await key.toPrivateJwk()).d));
    expect(await storeOn('b'.repeat(32)).load(key.thumbprint)).toBeUndefined();
    expect(await storeOn(undefined).load(key.thumbprint)).toBeUndefined();
    const other = 'A'.repeat(43);
    await rename(path, join(folder, `${other}.json`));
    expect(await storeOn(here).load(other)).toBeUndefined();
  });

  it('are kept as they are where the machine has no id', async () => {
    const key = await storeOn(undefined).make();
    await storeOn(undefined).save(key);
    expect((await storeOn(undefined).load(key.thumbprint))?.thumbprint).toBe(key.thumbprint);
    // A machine that has got an id since then still opens it.
    expect((await storeOn(here).load(key.thumbprint))?.thumbprint).toBe(key.thumbprint);
  });

  it.each(['', 'not JSON', '{}', '{"key":{"kty":"EC"}}', '{"sealed":"AAAA"}', '{"sealed":7}'])(
    'that are damaged (%j) count as not there',
    async (text) => {
      const store = storeOn(here);
      const key = await store.make();
      await store.save(key);
      await writeFile(join(folder, `${key.thumbprint}.json`), text);
      expect(await store.load(key.thumbprint)).toBeUndefined();
    },
  );

  it('never leave their folder, whatever the profile says', async () => {
    await writeFile(join(folder, '..', 'elsewhere.json'), '{}');
    const store = storeOn(here);
    await store.remove('../elsewhere');
    expect(await readdir(join(folder, '..'))).toContain('elsewhere.json');
  });

  it('lie where CASTLING_KEYS says, else in the state folder, which is not for carrying around', () => {
    expect(keyHome({ CASTLING_KEYS: '/x/y', XDG_STATE_HOME: '/z' }, '/home/ada')).toBe('/x/y');
    expect(keyHome({ XDG_STATE_HOME: '/z' }, '/home/ada')).toBe('/z/castling/keys');
    expect(keyHome({ XDG_STATE_HOME: 'relative' }, '/home/ada')).toBe('/home/ada/.local/state/castling/keys');
    expect(() => keyHome({}, '')).toThrow('CASTLING_KEYS');
  });
});
