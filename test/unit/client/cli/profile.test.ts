import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant } from '../../../../src/client/auth-client.ts';
import { KeyStore } from '../../../../src/client/cli/key-store.ts';
import { Profile, profileHome } from '../../../../src/client/cli/profile.ts';

let home: string;
const profileOf = (origin: string): Profile =>
  new Profile({ home, origin, keys: new KeyStore({ folder: join(home, '..', 'keys') }) });
beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'castling-profile-')), 'profile');
});
afterEach(() => rm(join(home, '..'), { recursive: true, force: true }));

function grantFor(name: string): Grant {
  const accessToken = `a-${name}`;
  const refreshToken = `r-${name}`;
  return {
    player: 'p_1',
    name,
    session: 's_1',
    accessToken,
    expiresIn: 600,
    refreshToken,
    bound: false,
    isGuest: false,
    refreshExpiresIn: 1000,
  };
}

describe('D11 the profile', () => {
  it('lets nobody else read it: folders 0700, files 0600', async () => {
    const profile = profileOf('https://localhost:8443');
    await profile.locked('ada', () => profile.save(grantFor('ada'), { now: 5_000 }));
    await profile.use('ada');
    await profile.pinCa('PEM');
    const modes: Record<string, string> = {};
    for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      modes[entry.name] = ((await stat(path)).mode & 0o777).toString(8);
    }
    expect(modes).toEqual({
      servers: '700',
      'localhost%3A8443': '700',
      players: '700',
      'ada.json': '600',
      'ada.json.lock': '600',
      current: '600',
      'ca.pem': '600',
    });
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  });

  it('keeps servers and players apart', async () => {
    const here = profileOf('https://localhost:8443');
    const there = profileOf('https://game.club.lan');
    await here.save(grantFor('ada'), { now: 0 });
    await here.save(grantFor('bob'), { now: 0 });
    await here.use('bob');
    expect(await here.load('ada')).toMatchObject({ refreshToken: 'r-ada' });
    expect(await here.currentName()).toBe('bob');
    expect(await there.load('ada')).toBeUndefined();
    expect(await there.currentName()).toBeUndefined();
    await here.forget('ada');
    expect(await here.currentName()).toBe('bob');
    await here.forget('bob');
    expect(await here.currentName()).toBeUndefined();
  });

  it.each(['..', '../../etc/passwd', 'Жанна', 'a/b', 'nul\0', 'x'.repeat(300), '名'.repeat(32)])(
    'finds a safe file for the name %j',
    async (name) => {
      const profile = profileOf('https://localhost:8443');
      await profile.save(grantFor(name), { now: 0 });
      expect((await profile.load(name))?.name).toBe(name);
      const files = await readdir(join(home, 'servers', 'localhost%3A8443', 'players'));
      expect(files).toHaveLength(1);
      expect(files[0]).toMatch(/^~[0-9a-f]{32}\.json$/);
    },
  );

  it('says which file is damaged and what to do', async () => {
    const profile = profileOf('https://localhost:8443');
    await profile.save(grantFor('ada'), { now: 0 });
    const path = join(home, 'servers', 'localhost%3A8443', 'players', 'ada.json');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 40));
    await expect(profile.load('ada')).rejects.toMatchObject({ code: 'profile_damaged', exitCode: 78 });
  });

  it('lies where CASTLING_HOME says, else in the configuration folder', () => {
    expect(profileHome({ CASTLING_HOME: '/x/y', XDG_CONFIG_HOME: '/z' }, '/home/ada')).toBe('/x/y');
    expect(profileHome({ XDG_CONFIG_HOME: '/z' }, '/home/ada')).toBe('/z/castling');
    expect(profileHome({ XDG_CONFIG_HOME: 'relative' }, '/home/ada')).toBe('/home/ada/.config/castling');
    expect(() => profileHome({}, '')).toThrow('CASTLING_HOME');
  });
});
