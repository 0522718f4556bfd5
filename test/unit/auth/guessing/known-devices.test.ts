import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

const anna = { name: 'anna', password: 'correct horse' };
let running: RunningAuth;
let owned: TokenAnswer;

beforeEach(async () => {
  running = await startAuth();
  owned = (await running.post('/auth/register', anna)).json();
});
afterEach(async () => {
  await running.close();
});

const login = async (more: object = {}) => await running.post('/auth/login', { ...anna, ...more });
async function lockOut(): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) await login({ password: 'not her password' });
}

describe('D4 a known device', () => {
  it('gets a token that it keeps, and no second one for the same account', async () => {
    expect(owned.device_token).toMatch(/^cdt_[\w-]{43}$/);
    expect((await login({ device_token: owned.device_token })).json()).not.toHaveProperty('device_token');
    expect((await login()).json().device_token).not.toBe(owned.device_token);
  });

  it('lets its owner in while strangers are held back', async () => {
    await lockOut();
    const stranger = await login();
    expect([stranger.statusCode, stranger.json().code]).toEqual([429, 'too_many_attempts']);
    expect(stranger.headers['retry-after']).toBe('30');
    expect((await login({ device_token: owned.device_token })).statusCode).toBe(200);
  });

  it('of another account is a stranger’s', async () => {
    const bert = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    await lockOut();
    expect((await login({ device_token: bert.device_token })).statusCode).toBe(429);
  });

  it('token opens nothing without the password', async () => {
    const answer = await login({ password: 'not her password', device_token: owned.device_token });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'credentials_wrong']);
  });

  it('is forgotten when 32 others have signed in since', async () => {
    for (let device = 0; device < 32; device += 1) {
      running.clock.advance(1);
      await login();
    }
    const again = await login({ device_token: owned.device_token });
    expect(again.json()).toHaveProperty('device_token');
  });

  it('a page’s is in a cookie that signing out leaves in place', async () => {
    const host = 'games.example:8443';
    const page = { host, origin: `https://${host}`, 'castling-client': 'browser' };
    const first = await running.app.inject({
      method: 'POST',
      url: '/auth/login',
      headers: page,
      payload: anna,
    });
    expect(first.body).not.toContain('cdt_');
    const cookies = [first.headers['set-cookie'] ?? ''].flat();
    const cookie = cookies.find((each) => each.startsWith('__Host-castling-device=')) ?? '';
    expect(cookie).toMatch(/; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=34560000$/);
    const signedOut = await running.app.inject({
      method: 'POST',
      url: '/auth/logout',
      headers: { ...page, authorization: `Bearer ${first.json().access_token}` },
    });
    expect(String(signedOut.headers['set-cookie'])).not.toContain('device');
    expect(signedOut.headers['clear-site-data']).not.toContain('cookies');
    await lockOut();
    const known = { ...page, cookie: cookie.split(';')[0] };
    const again = await running.app.inject({
      method: 'POST',
      url: '/auth/login',
      headers: known,
      payload: anna,
    });
    expect(again.statusCode).toBe(200);
  });

  it('a signed-in player who guesses the password is held back, and signing in is not', async () => {
    const wrong = { current_password: 'not her password', new_password: 'battery staple' };
    const codes = [];
    for (let tries = 0; tries < 11; tries += 1) {
      codes.push((await running.post('/auth/password', wrong, owned.access_token)).json().code);
    }
    expect(codes).toEqual([...Array(10).fill('password_wrong'), 'too_many_attempts']);
    expect((await login()).statusCode).toBe(200);
  });
});
