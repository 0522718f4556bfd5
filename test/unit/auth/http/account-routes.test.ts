import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import type { EndedSession } from '../../../../src/auth/index.ts';
import { newId } from '../../../../src/protocol/ids.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

const anna = { name: 'anna', password: 'correct horse' };
let running: RunningAuth;
let mine: TokenAnswer;

beforeEach(async () => {
  running = await startAuth();
  mine = (await running.post('/auth/register', { ...anna, device: 'laptop' })).json();
});
afterEach(async () => {
  await running.close();
});

const login = async (device: string): Promise<TokenAnswer> =>
  (await running.post('/auth/login', { ...anna, device })).json();
const remove = async (session: string, token = mine.access_token) =>
  await running.app.inject({
    method: 'DELETE',
    url: `/auth/sessions/${session}`,
    headers: { authorization: `Bearer ${token}` },
  });

describe('the list of sessions', () => {
  it('has every live one, the last used first, and marks the one that asks', async () => {
    running.clock.advance(60);
    const phone = await login('phone');
    const { sessions } = (await running.get('/auth/sessions', mine.access_token)).json();
    expect(sessions).toEqual([
      expect.objectContaining({
        session: phone.session,
        device: 'phone',
        current: false,
        createdAt: running.clock.now,
      }),
      expect.objectContaining({ session: mine.session, device: 'laptop', current: true }),
    ]);
  });

  it('lets one be ended, which is heard of at once', async () => {
    const ended: EndedSession[] = [];
    running.auth.onSessionEnd((end) => ended.push(end));
    const phone = await login('phone');
    expect((await remove(phone.session)).statusCode).toBe(204);
    expect((await remove(mine.session)).statusCode).toBe(204);
    expect(ended).toEqual([
      { session: phone.session, because: 'logout_elsewhere' },
      { session: mine.session, because: 'logout' },
    ]);
    expect((await running.get('/auth/me', phone.access_token)).statusCode).toBe(401);
  });

  it('lets nobody end another’s, or one that is none', async () => {
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    for (const session of [bert.session, newId('session')]) {
      const answer = await remove(session);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'session_unknown']);
    }
    expect((await remove('no-session')).statusCode).toBe(400);
    expect((await running.get('/auth/me', bert.access_token)).statusCode).toBe(200);
  });
});

describe('F5 the export', () => {
  it('holds what is known of the player, and no secret', async () => {
    const pseudonym = await running.auth.pseudonymOf(mine.player as never, 'game');
    const use = { player: mine.player as never, route: 'chess', connections: 1, bytesUp: 5, bytesDown: 4 };
    await running.auth.recordRouteUses([{ ...use, ms: 61_000 }]);
    const change = { current_password: anna.password, new_password: 'battery staple' };
    await running.post('/auth/password', change, mine.access_token);
    const answer = await running.get('/auth/export', mine.access_token);
    expect(answer.json()).toMatchObject({
      player: mine.player,
      name: 'anna',
      sessions: [{ session: mine.session, device: 'laptop', endedAt: null }],
      pseudonyms: [{ realm: 'game', pseudonym }],
      history: [{ action: 'password.change' }],
      recoveryCodes: 8,
      knownDevices: [expect.any(Number)],
      routeUses: [
        { route: 'chess', day: '2026-06-01', connections: 1, bytesUp: 5, bytesDown: 4, seconds: 61 },
      ],
    });
    expect(answer.body).not.toMatch(/argon2|digest|crt_|cdt_/);
  });

  it('is for the player alone', async () => {
    expect((await running.get('/auth/export')).statusCode).toBe(401);
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    expect((await running.get('/auth/export', bert.access_token)).body).not.toContain('anna');
  });
});
