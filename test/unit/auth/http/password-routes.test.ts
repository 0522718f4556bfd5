import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import type { EndedSession } from '../../../../src/auth/index.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

const anna = { name: 'anna', password: 'correct horse' };
const fresh = 'battery staple';
let running: RunningAuth;
let ended: EndedSession[];

beforeEach(async () => {
  running = await startAuth();
  ended = [];
  running.auth.onSessionEnd((end) => ended.push(end));
});
afterEach(async () => {
  await running.close();
});

const register = async (name = anna.name): Promise<TokenAnswer & { recovery_codes: string[] }> =>
  (await running.post('/auth/register', { ...anna, name })).json();
const login = async (password = anna.password) => await running.post('/auth/login', { ...anna, password });
const change = async (token: string | undefined, body: object) =>
  await running.post('/auth/password', body, token);
const recover = async (recovery_code: string, name = anna.name) =>
  await running.post('/auth/recover', { name, recovery_code, new_password: fresh, device: 'new phone' });

describe('D9 changing the password', () => {
  it('needs the present one, beside a sign-in', async () => {
    const { access_token: token } = await register();
    for (const [body, status, code] of [
      [{ new_password: fresh }, 400, 'body_invalid'],
      [{ current_password: 'not her password', new_password: fresh }, 403, 'password_wrong'],
    ] as const) {
      const response = await change(token, body);
      expect([response.statusCode, response.json().code]).toEqual([status, code]);
    }
    const anonymous = await change(undefined, { current_password: anna.password, new_password: fresh });
    expect(anonymous.statusCode).toBe(401);
    expect((await login()).statusCode).toBe(200);
    expect(ended).toEqual([]);
  });

  it('ends all other sessions, at once, and keeps this one', async () => {
    const mine = await register();
    const others = [(await login()).json(), (await login()).json()];
    const response = await change(mine.access_token, {
      current_password: anna.password,
      new_password: fresh,
    });
    expect([response.statusCode, response.body]).toEqual([204, '']);
    const because = 'password_changed';
    expect(new Set(ended)).toEqual(new Set(others.map(({ session }) => ({ session, because }))));
    expect((await running.get('/auth/me', mine.access_token)).statusCode).toBe(200);
    for (const { access_token, refresh_token } of others) {
      const me = await running.get('/auth/me', access_token);
      expect(me.json()).toMatchObject({ code: 'session_ended', rule: 'session.password_changed' });
      expect((await running.post('/auth/refresh', { refresh_token })).statusCode).toBe(401);
    }
    expect((await login()).statusCode).toBe(401);
    expect((await login(fresh)).statusCode).toBe(200);
  });

  it('lets one of two at once through', async () => {
    const { access_token: token } = await register();
    const answers = await Promise.all(
      ['first new one', 'second new one'].map((next) =>
        change(token, { current_password: anna.password, new_password: next }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 403]);
  });

  it.each([
    ['short', 'password.length'],
    ['annaanna1', 'password.context'],
  ])('refuses %s as a new one, by %s', async (next, rule) => {
    const { access_token: token } = await register();
    const response = await change(token, { current_password: anna.password, new_password: next });
    expect([response.statusCode, response.json().rule]).toEqual([400, rule]);
  });
});

describe('recovery codes', () => {
  it('are eight, shown at registration and at no other time', async () => {
    const { recovery_codes: codes } = await register();
    expect(new Set(codes).size).toBe(8);
    expect((await login()).json()).not.toHaveProperty('recovery_codes');
  });

  it('each open the account once, with a new password, and end every session', async () => {
    const { recovery_codes: codes, session, refresh_token } = await register();
    const first = await recover(codes[3]!.toLowerCase());
    expect([first.statusCode, first.json()]).toMatchObject([200, { name: 'anna', recovery_codes_left: 7 }]);
    expect(ended).toEqual([{ session, because: 'password_changed' }]);
    expect((await running.post('/auth/refresh', { refresh_token })).statusCode).toBe(401);
    expect((await running.get('/auth/me', first.json().access_token)).statusCode).toBe(200);
    expect([(await login()).statusCode, (await login(fresh)).statusCode]).toEqual([401, 200]);
    const again = await recover(codes[3]!);
    expect([again.statusCode, again.json().code]).toEqual([401, 'recovery_refused']);
    expect((await recover(codes[4]!)).statusCode).toBe(200);
  });

  it('are used once by whoever is faster of many', async () => {
    const { recovery_codes: codes } = await register();
    const answers = await Promise.all(Array.from({ length: 8 }, () => recover(codes[0]!)));
    const statuses = answers.map(({ statusCode }) => statusCode).toSorted();
    expect(statuses).toEqual([200, ...Array(7).fill(401)]);
  });

  it('are not used up by a new password that is refused', async () => {
    const { recovery_codes: codes } = await register();
    const body = { name: 'anna', recovery_code: codes[0], new_password: 'short' };
    expect((await running.post('/auth/recover', body)).statusCode).toBe(400);
    expect((await recover(codes[0]!)).statusCode).toBe(200);
  });

  it('are renewed for the password, and the old ones are void', async () => {
    const { recovery_codes: old, access_token: token } = await register();
    const renew = async (current_password: string) =>
      await running.post('/auth/recovery-codes', { current_password }, token);
    expect((await renew('not her password')).statusCode).toBe(403);
    const { recovery_codes: renewed } = (await renew(anna.password)).json();
    expect(renewed).toHaveLength(8);
    expect((await recover(old[0]!)).statusCode).toBe(401);
    expect((await recover(renewed[0])).statusCode).toBe(200);
  });

  it('D3 are refused alike for an unknown name, another’s code and a wrong one', async () => {
    const { recovery_codes: codes } = await register();
    await register('bert');
    const [code] = codes as [string];
    const answers = await Promise.all([
      recover(code, 'nobody'),
      recover(code, 'bert'),
      recover(code, 'no name at all!'),
      recover(`0${code.slice(1)}`.replace(code, `1${code.slice(1)}`)),
      recover('12345'),
    ]);
    const shapes = answers.map(({ statusCode, headers, body }) => {
      const { requestId: _, ...problem } = JSON.parse(body);
      return { statusCode, problem, names: Object.keys(headers) };
    });
    expect(shapes[0]).toMatchObject({ statusCode: 401, problem: { code: 'recovery_refused' } });
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
    expect((await recover(code)).statusCode).toBe(200);
  });
});
