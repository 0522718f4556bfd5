import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSecureFile } from '../../../src/process/secure-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castling-secure-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('writeSecureFile', () => {
  it('writes for the owner only, whatever the umask and the mode before', async () => {
    const path = join(folder, 'key.pem');
    await writeFile(path, 'old', { mode: 0o644 });
    const before = process.umask(0o000);
    try {
      await writeSecureFile(path, 'new');
    } finally {
      process.umask(before);
    }
    expect(await readFile(path, 'utf8')).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('gives another mode where asked to, also under a narrow umask', async () => {
    const path = join(folder, 'ca.pem');
    const before = process.umask(0o077);
    try {
      await writeSecureFile(path, new Uint8Array([1, 2]), { mode: 0o644 });
    } finally {
      process.umask(before);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  it('replaces a link instead of writing through it', async () => {
    const elsewhere = join(folder, 'elsewhere');
    await writeFile(elsewhere, 'untouched');
    const path = join(folder, 'profile.json');
    await symlink(elsewhere, path);
    await writeSecureFile(path, 'secret');
    expect(await readFile(elsewhere, 'utf8')).toBe('untouched');
    expect(await readFile(path, 'utf8')).toBe('secret');
  });

  it('leaves nothing behind when it fails', async () => {
    const path = join(folder, 'taken');
    // A folder of that name makes the rename fail, after everything was written.
    await writeSecureFile(join(folder, 'other'), 'x');
    await mkdir(join(path, 'full'), { recursive: true });
    await expect(writeSecureFile(path, 'x')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
    expect((await readdir(folder)).sort()).toEqual(['other', 'taken']);
  });

  it('lets readers see the old content or the new one, and never a part', async () => {
    const path = join(folder, 'state');
    const contents = ['a'.repeat(100_000), 'b'.repeat(100_000)];
    await writeSecureFile(path, contents[0]!);
    let done = false;
    const seen = new Set<string>();
    const reader = (async () => {
      while (!done) seen.add(await readFile(path, 'utf8'));
    })();
    for (let round = 0; round < 20; round += 1) await writeSecureFile(path, contents[round % 2]!);
    done = true;
    await reader;
    expect([...seen].every((content) => contents.includes(content))).toBe(true);
    expect(seen.size).toBeGreaterThan(0);
  });
});
