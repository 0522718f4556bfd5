import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountHttp } from '../../../../src/client/account-http.ts';
import { AuthClient } from '../../../../src/client/auth-client.ts';
import { KeyStore } from '../../../../src/client/cli/key-store.ts';
import { Profile } from '../../../../src/client/cli/profile.ts';
import { ProfileTokens } from '../../../../src/client/cli/profile-tokens.ts';
import { readTokenFile } from '../../../../src/client/cli/token-file.ts';

const now = 1_000_000_000;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenUntil = (exp: unknown, mark = 'x') => `${part({ alg: 'ES256', mark })}.${part({ exp })}.c2ln`;
const good = tokenUntil(now / 1000 + 60);
let home: string;
let file: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'castling-token-file-'));
  file = join(home, 'token');
  await writeFile(file, `${good}\n`, { mode: 0o600 });
});
afterEach(() => rm(home, { recursive: true }));

describe('a file with a token', () => {
  it('is read without the end of its line, and says how long the token is good for', async () => {
    expect(await readTokenFile(file, { now })).toEqual({ token: good, expiresAt: now + 60_000 });
  });

  it('is believed also where it is a link, as platforms that replace it make it', async () => {
    const link = join(home, 'link');
    await symlink(file, link);
    expect(await readTokenFile(link, { now })).toMatchObject({ token: good });
  });

  it.each([0o640, 0o604, 0o644])('is not used with mode %o', async (mode) => {
    await chmod(file, mode);
    await expect(readTokenFile(file, { now })).rejects.toMatchObject({
      code: 'token_file_unusable',
      exitCode: 78,
    });
  });

  it.each([
    ['nothing', ''],
    ['a password', 'correct horse battery'],
    ['two parts', 'a.b'],
    ['four parts', `${good}.d`],
    ['no object in its payload', 'a.b.c'],
    ['no end', `a.${part({})}.c`],
    ['an end that is text', tokenUntil('soon')],
    ['nine thousand bytes', 'a'.repeat(9_000)],
  ])('is told apart from one with %s, whose text is not repeated', async (_what, text) => {
    await writeFile(file, text);
    const error = await readTokenFile(file, { now }).catch((refused: Error) => refused);
    expect(error).toMatchObject({ code: 'token_file_unusable' });
    if (text !== '') expect((error as Error).message).not.toContain(text);
  });

  it('that is missing is named', async () => {
    await expect(readTokenFile(join(home, 'none'), { now })).rejects.toThrow(/none does not exist/);
  });

  it('ends the sign-in when its token has run out, and is waited for when it is only used up', async () => {
    await expect(readTokenFile(file, { now: now + 60_000 })).rejects.toMatchObject({ code: 'signed_out' });
    await expect(readTokenFile(file, { now, rejected: good })).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('a sign-in by a file with tokens', () => {
  const profile = () =>
    new Profile({
      home: join(home, 'profile'),
      origin: 'https://localhost:8443',
      keys: new KeyStore({ folder: join(home, 'keys') }),
    });
  const source = () =>
    new ProfileTokens({
      profile: profile(),
      auth: new AuthClient(
        new AccountHttp({
          origin: 'https://localhost:8443',
          fetch: () => Promise.reject(new Error('nobody is asked')),
        }),
      ),
      name: 'ada',
      now: () => now,
    });

  beforeEach(async () => {
    await profile().saveTokenFile({ name: 'ada', player: 'p_1', session: 's_1', tokenFile: file });
  });

  it('keeps the place and not the token', async () => {
    expect(await profile().load('ada')).toEqual({
      name: 'ada',
      player: 'p_1',
      session: 's_1',
      tokenFile: file,
    });
  });

  it('gives what stands there now, and the next one as soon as it is there', async () => {
    const tokens = source();
    expect((await tokens.accessToken()).token).toBe(good);
    await expect(tokens.accessToken({ rejected: good })).rejects.toMatchObject({ code: 'unreachable' });
    const next = tokenUntil(now / 1000 + 600, 'next');
    await writeFile(file, next);
    expect((await tokens.accessToken({ rejected: good })).token).toBe(next);
  });
});
