import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyEncryption, readKeyEncryptionFile } from '../../src/auth/key-encryption.ts';
import { migrations } from '../../src/auth/migrations.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { rotateKeys } from '../../src/auth/tokens/key-rotation.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { type RunningAuth, startAuth } from '../support/auth-fixture.ts';

const anna = { name: 'anna', password: 'correct horse' };
let folder: string;
let storeUrl: string;
let store: Store<AuthSchema>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
  storeUrl = `sqlite:${join(folder, 'auth.sqlite')}`;
  store = await openStore<AuthSchema>({ url: storeUrl, migrations });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const kids = async ({ get }: RunningAuth): Promise<string[]> =>
  (await get('/.well-known/jwks.json')).json().keys.map(({ kid }: { kid: string }) => kid);
const stored = (): string =>
  readdirSync(folder)
    .filter((file) => file.startsWith('auth'))
    .map((file) => readFileSync(join(folder, file), 'latin1'))
    .join('');

describe('C12 keys that another process rotates', () => {
  it('are published by every running process within a second, and no sign-in is refused', async () => {
    const processes = [
      await startAuth({ storeUrl, clock: Date.now }),
      await startAuth({ storeUrl, clock: Date.now }),
    ];
    const { access_token: token } = (await processes[0]!.post('/auth/register', anna)).json();
    const { kid } = await rotateKeys(store, { clock: Date.now, encryption: new KeyEncryption(undefined) });
    for (const each of processes) {
      await vi.waitFor(async () => expect(await kids(each)).toContain(kid), { timeout: 1_000, interval: 20 });
      expect((await each.get('/auth/me', token)).statusCode).toBe(200);
    }
    const answer = await processes[0]!.get('/.well-known/jwks.json');
    expect(answer.headers['cache-control']).toBe('public, max-age=300');
    await Promise.all(processes.map((each) => each.close()));
  });
});

describe('C15 keys under a key-encryption secret', () => {
  const keyEncryptionSecret = Buffer.alloc(32, 7);

  it('are encrypted in place at the first start with it, and cannot be used without it', async () => {
    const before = await startAuth({ storeUrl, clock: Date.now });
    const { access_token: token, refresh_token } = (await before.post('/auth/register', anna)).json();
    const [kid] = await kids(before);
    await before.close();
    const [row] = await store.db.selectFrom('signing_keys').select('private_jwk').execute();
    const { d } = JSON.parse(row!.private_jwk) as { d: string };
    const [secret] = await store.db.selectFrom('secret_keys').select('secret').execute();

    const after = await startAuth({ storeUrl, clock: Date.now, keyEncryptionSecret });
    expect(await kids(after)).toEqual([kid]);
    expect((await after.get('/auth/me', token)).statusCode).toBe(200);
    expect((await after.post('/auth/refresh', { refresh_token })).statusCode).toBe(200);
    await rotateKeys(store, { clock: Date.now, encryption: new KeyEncryption(keyEncryptionSecret) });
    await vi.waitFor(async () => expect(await kids(after)).toHaveLength(2), { timeout: 1_000, interval: 20 });
    await after.close();
    for (const table of ['signing_keys', 'secret_keys'] as const) {
      const text = JSON.stringify(await store.db.selectFrom(table).selectAll().execute());
      expect(text).not.toContain(d);
      expect(text).not.toContain(secret!.secret);
      expect(text).not.toContain('\\"d\\"');
    }
    expect(stored()).toContain('sealed:1:');

    for (const wrong of [undefined, Buffer.alloc(32, 8)]) {
      const options = wrong === undefined ? {} : { keyEncryptionSecret: wrong };
      await expect(startAuth({ storeUrl, ...options })).rejects.toMatchObject({ code: 'settings_invalid' });
    }
  });

  it('come from a private file of 32 bytes at least', async () => {
    const file = join(folder, 'secret');
    writeFileSync(file, Buffer.alloc(32, 1), { mode: 0o600 });
    expect((await readKeyEncryptionFile(file)).length).toBe(32);
    chmodSync(file, 0o640);
    await expect(readKeyEncryptionFile(file)).rejects.toThrow('chmod 600');
    await expect(readKeyEncryptionFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'file_missing' });
    expect(() => new KeyEncryption(Buffer.alloc(31))).toThrow('needs 32');
  });

  it('a sealed key does not open in another row', () => {
    const encryption = new KeyEncryption(keyEncryptionSecret);
    const sealed = encryption.seal('a key', 'this row');
    expect(encryption.open(sealed, 'this row')).toBe('a key');
    expect(() => encryption.open(sealed, 'that row')).toThrow('not the one');
  });
});
