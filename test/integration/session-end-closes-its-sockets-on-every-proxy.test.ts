import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { type ClosingCode, closings } from '../../src/protocol/closings.ts';
import type { PlayerId } from '../../src/protocol/ids.ts';
import type { ProxyPlayer } from '../support/proxy-player.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const password = 'correct horse';
const fresh = 'battery staple';
let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start();
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
});

const post = async (path: string, body?: object, token?: string) =>
  await proxies.accounts.post(path, body, token);
const register = async (name: string): Promise<TokenAnswer> =>
  (await post('/auth/register', { name, password })).json();
const login = async (name: string): Promise<TokenAnswer> =>
  (await post('/auth/login', { name, password })).json();

/** A socket of this session on each proxy. */
const everywhere = async (token: string): Promise<ProxyPlayer[]> =>
  await Promise.all(proxies.urls.map(async (_, index) => await proxies.signedIn(index, token)));

interface Ending {
  readonly code: ClosingCode;
  /** Ends the first of two sessions of one player, or both. */
  readonly act: (one: TokenAnswer, other: TokenAnswer) => Promise<unknown>;
  /** What closes the second session's sockets; `undefined` when they stay. */
  readonly other?: ClosingCode;
}

const endings: { readonly [name: string]: Ending } = {
  logout: { code: 'session_ended', act: (one) => post('/auth/logout', undefined, one.access_token) },
  'logout of the others': {
    code: 'signed_out_elsewhere',
    act: (_, other) => post('/auth/logout?scope=others', undefined, other.access_token),
  },
  'logout of all': {
    code: 'session_ended',
    other: 'signed_out_elsewhere',
    act: (one) => post('/auth/logout?scope=global', undefined, one.access_token),
  },
  'password change': {
    code: 'password_changed',
    act: (_, other) =>
      post('/auth/password', { current_password: password, new_password: fresh }, other.access_token),
  },
  'a reused refresh token': {
    code: 'token_reused',
    act: async (one) => {
      // More trades than the grace follows, so that whoever comes with the first is a thief at once.
      let refresh_token = one.refresh_token;
      for (let round = 0; round < 20; round += 1) {
        refresh_token = (await post('/auth/refresh', { refresh_token })).json().refresh_token;
      }
      await post('/auth/refresh', { refresh_token: one.refresh_token });
    },
  },
  'an operator': {
    code: 'session_revoked',
    act: (one) => proxies.operator.revoke({ session: one.session as never }),
  },
  'a ban': {
    code: 'banned',
    other: 'banned',
    act: (one) => proxies.operator.ban(one.player as PlayerId, { reason: 'cheats', until: undefined }),
  },
  'deletion of the account': {
    code: 'account_deleted',
    other: 'account_deleted',
    act: (one) => proxies.operator.delete(one.player as PlayerId),
  },
};

async function closedWithin(player: ProxyPlayer, since: number): Promise<{ ms: number; code: number }> {
  const { code } = await player.closed;
  return { ms: performance.now() - since, code };
}

describe.each(Object.entries(endings))('B8 C13 %s', (name, { code, other: otherCode, act }) => {
  const player = name.replaceAll(/[^a-z]/g, '').slice(0, 30);

  it('closes the sockets of exactly these sessions within a second on both proxies, and says why', async () => {
    const one = await register(player);
    const other = await login(player);
    const stranger = await register(`x-${player}`.slice(0, 32));
    const [mine, others, strangers] = await Promise.all(
      [one, other, stranger].map((each) => everywhere(each.access_token)),
    );
    const start = performance.now();
    await act(one, other);
    const ends = await Promise.all(mine!.map((socket) => closedWithin(socket, start)));
    for (const { ms, code: number } of ends) {
      expect(number).toBe(closings[code].code);
      expect(ms).toBeLessThan(1_000);
    }
    for (const socket of mine!) {
      expect(socket.heard.at(-1)).toMatchObject({
        method: 'session.closing',
        params: { code: closings[code].code, reason: closings[code].text, reconnect: false },
      });
    }
    if (otherCode === undefined) {
      for (const socket of others!)
        expect((await socket.ask('match.list', { filter: 'bad' })).error).toBeDefined();
    } else {
      for (const socket of others!) expect((await socket.closed).code).toBe(closings[otherCode].code);
    }
    for (const socket of strangers!)
      expect((await socket.ask('match.list', { filter: 'bad' })).error).toBeDefined();
    for (const socket of [...others!, ...strangers!]) socket.terminate();

    // The same token, and the family's newest, are good for nothing any more, on any proxy.
    for (const index of proxies.urls.keys()) {
      const again = proxies.connect(index, one.access_token);
      const why = name === 'deletion of the account' ? 'session_ended' : code;
      expect((await again.closed).code).toBe(closings[why].code);
      expect(again.heard.map(({ method }) => method)).toEqual(['session.closing']);
    }
    expect((await post('/auth/refresh', { refresh_token: one.refresh_token })).statusCode).toBe(401);
  });
});

describe('C13 after a restart', () => {
  it('a proxy refuses the token of a session that ended while it was down', async () => {
    const { access_token: token, player } = await register('restarted');
    const index = await proxies.startProxy();
    const socket = await proxies.signedIn(index, token);
    await proxies.killProxy(index);
    await socket.closed;
    await proxies.operator.ban(player as PlayerId, { reason: 'cheats', until: undefined });
    const again = await proxies.startProxy();
    expect((await proxies.connect(again, token).closed).code).toBe(closings.banned.code);
    await proxies.killProxy(again);
    proxies.urls.length = 2;
  });
});
