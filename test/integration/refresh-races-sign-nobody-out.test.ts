import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { closings } from '../../src/protocol/closings.ts';
import { trust } from '../support/player.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const graceSeconds = 2;
let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 0 });
  trust({ ca: proxies.certificates.path('ca.pem') });
  const settings = [`auth.sessions.refreshGrace=${graceSeconds}s`];
  for (let count = 0; count < 2; count += 1) await proxies.startProxy({ settings });
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
});

async function post(index: number, path: string, body: object) {
  const answer = await fetch(`${proxies.urls[index]}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return {
    status: answer.status,
    body: (await answer.json()) as TokenAnswer & { code?: string; rule?: string },
  };
}
const register = async (name: string) =>
  (await post(0, '/auth/register', { name, password: 'correct horse' })).body;
const refresh = async (index: number, token: string) =>
  await post(index, '/auth/refresh', { refresh_token: token });

describe('C14 refresh tokens at running proxies', () => {
  it('ten tabs that refresh at once, at two proxies, all stay signed in with one and the same next token', async () => {
    const { refresh_token, session, access_token } = await register('tabs');
    const sockets = [await proxies.signedIn(0, access_token), await proxies.signedIn(1, access_token)];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, tab) => refresh(tab % 2, refresh_token)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(answers.map(({ body }) => body.session))).toEqual(new Set([session]));
    const next = new Set(answers.map(({ body }) => body.refresh_token));
    expect(next.size).toBe(1);
    const [token = ''] = next;
    expect((await refresh(1, token)).status).toBe(200);
    expect(sockets.map(({ isClosed }) => isClosed)).toEqual([false, false]);
  });

  it('a client that lost the answer asks again, elsewhere, and gets it', async () => {
    const { refresh_token } = await register('lost');
    const lost = await refresh(0, refresh_token);
    const again = await refresh(1, refresh_token);
    expect(again.body.refresh_token).toBe(lost.body.refresh_token);
    expect((await refresh(0, again.body.refresh_token)).status).toBe(200);
  });

  it('one that is used again later ends the family everywhere: sockets, and the newest token, too', async () => {
    const { refresh_token, access_token } = await register('stolen');
    const sockets = [await proxies.signedIn(0, access_token), await proxies.signedIn(1, access_token)];
    const next = await refresh(0, refresh_token);
    await sleep(graceSeconds * 1_000 + 500);
    const thief = await refresh(1, refresh_token);
    expect(thief).toMatchObject({ status: 401, body: { code: 'session_ended', rule: 'refresh.reused' } });
    for (const socket of sockets) {
      expect(await socket.closed).toMatchObject({ code: closings.token_reused.code });
    }
    expect(await refresh(0, next.body.refresh_token)).toMatchObject({ status: 401 });
    for (const url of proxies.urls) {
      const me = await fetch(`${url}/auth/me`, {
        headers: { authorization: `Bearer ${next.body.access_token}` },
      });
      expect(me.status).toBe(401);
    }
  });
});
