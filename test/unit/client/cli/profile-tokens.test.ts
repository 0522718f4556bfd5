import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountHttp, type Fetch } from '../../../../src/client/account-http.ts';
import { AuthClient } from '../../../../src/client/auth-client.ts';
import { KeyStore } from '../../../../src/client/cli/key-store.ts';
import { Profile } from '../../../../src/client/cli/profile.ts';
import { ProfileTokens } from '../../../../src/client/cli/profile-tokens.ts';

const origin = 'https://localhost:8443';
let home: string;
let now: number;
let spent: string[];
let respond: (refreshToken: string) => Response;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'castling-tokens-'));
  now = 1_000_000;
  spent = [];
  respond = (refreshToken) => {
    if (spent.filter((each) => each === refreshToken).length > 1)
      return problem(401, 'refresh_token_invalid');
    const number = spent.length;
    return Response.json({
      ...who,
      access_token: `a${number}`,
      expires_in: 600,
      refresh_token: `r${number}`,
      refresh_expires_in: 9,
    });
  };
  const player = {
    ...who,
    accessToken: 'a0',
    expiresIn: 600,
    refreshToken: 'r0',
    bound: false,
    isGuest: false,
    refreshExpiresIn: 9,
  };
  await profile().save(player, { now });
});
afterEach(() => rm(home, { recursive: true, force: true }));

const who = { player: 'p_1', name: 'ada', session: 's_1' };

const profile = (): Profile =>
  new Profile({ home: join(home, 'profile'), origin, keys: new KeyStore({ folder: join(home, 'keys') }) });

/** A source as a process of its own would have it: nothing shared but the folder. */
function source(): ProfileTokens {
  const fetch: Fetch = async (_url, { body }) => {
    const { refresh_token } = JSON.parse(String(body));
    spent.push(refresh_token);
    return respond(refresh_token);
  };
  return new ProfileTokens({
    profile: profile(),
    auth: new AuthClient(new AccountHttp({ origin, fetch })),
    name: 'ada',
    now: () => now,
  });
}

function problem(status: number, code: string): Response {
  return Response.json({ code, detail: 'No.' }, { status });
}

describe('tokens from the profile', () => {
  it('are taken from the file while they last', async () => {
    expect(await source().accessToken()).toEqual({ token: 'a0', expiresAt: 1_600_000 });
    expect(spent).toEqual([]);
  });

  it('are refreshed when little life is left, and the new pair is kept', async () => {
    now += 571_000;
    expect((await source().accessToken()).token).toBe('a1');
    expect(await profile().load('ada')).toMatchObject({ refreshToken: 'r1' });
  });

  it('are refreshed when the server rejects one that looks good', async () => {
    expect((await source().accessToken({ rejected: 'a0' })).token).toBe('a1');
  });

  it('cost one refresh however many processes ask at once, since a refresh token works once', async () => {
    now += 600_000;
    const answers = await Promise.all(Array.from({ length: 12 }, () => source().accessToken()));
    expect(answers.map(({ token }) => token)).toEqual(Array.from({ length: 12 }, () => 'a1'));
    expect(spent).toEqual(['r0']);
  });

  it('cost one refresh however many callers of one process ask at once', async () => {
    now += 600_000;
    const one = source();
    await Promise.all([one.accessToken(), one.accessToken(), one.accessToken()]);
    expect(spent).toEqual(['r0']);
  });

  it('end with `signed_out` when the server refuses the refresh token', async () => {
    respond = () => problem(401, 'refresh_token_invalid');
    await expect(source().accessToken({ rejected: 'a0' })).rejects.toMatchObject({ code: 'signed_out' });
  });

  it.each([429, 503])('are worth another try after HTTP %d', async (status) => {
    respond = () => problem(status, 'busy');
    await expect(source().accessToken({ rejected: 'a0' })).rejects.toMatchObject({ code: 'unreachable' });
    expect(await profile().load('ada')).toMatchObject({ refreshToken: 'r0' });
  });
});
