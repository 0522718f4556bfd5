import { describe, expect, it } from 'vitest';
import { authLimits } from '../../../src/auth/auth-limits.ts';
import { startAuth } from '../../support/auth-fixture.ts';

describe('options out of their bounds', () => {
  it.each([
    [{ accessTokenSeconds: 0 }, 'accessTokenSeconds'],
    [{ accessTokenSeconds: 601 }, 'accessTokenSeconds'],
    [{ accessTokenSeconds: 1.5 }, 'accessTokenSeconds'],
    [{ limits: { passwords: { minimumLength: 7 } } }, 'minimumLength'],
    [{ limits: { passwords: { minimumLength: 129 } } }, 'minimumLength'],
  ])('%j stop the start', async (options, name) => {
    await expect(startAuth(options)).rejects.toThrow(new RegExp(`${name} must be`));
  });

  it('name the store that cannot be opened', async () => {
    await expect(startAuth({ storeUrl: 'mysql://x' })).rejects.toMatchObject({ code: 'url_invalid' });
  });
});

describe('an access token', () => {
  it('lives as long as it says, and the session outlives it', async () => {
    const running = await startAuth({ accessTokenSeconds: 60 });
    const body = { name: 'anna', password: 'correct horse' };
    const answer = (await running.post('/auth/register', body)).json();
    expect(answer.expires_in).toBe(60);
    running.clock.advance(121);
    await expect(running.auth.verifyAccessToken({ token: answer.access_token })).rejects.toMatchObject({
      code: 'token_expired',
      rpcCode: 'token_expired',
    });
    const next = (await running.post('/auth/refresh', { refresh_token: answer.refresh_token })).json();
    expect(await running.auth.verifyAccessToken({ token: next.access_token })).toMatchObject({
      session: answer.session,
    });
    await running.close();
  });
});

describe('limits that change while accounts are in use', () => {
  it('count from then on, and what was promised before is kept', async () => {
    const running = await startAuth();
    const register = async (name: string, password: string) =>
      await running.post('/auth/register', { name, password });
    const before = (await register('anna', 'correct horse')).json();
    running.auth.limit({
      ...authLimits,
      passwords: { minimumLength: 20 },
      sessions: { ...authLimits.sessions, refreshSeconds: 60, sessionSeconds: 120 },
    });
    expect((await register('berta', 'correct horse')).json()).toMatchObject({ rule: 'password.length' });
    const after = (await register('berta', 'correct horse battery staple')).json();
    running.clock.advance(121);
    const refresh = async ({ refresh_token }: { refresh_token: string }) =>
      await running.post('/auth/refresh', { refresh_token });
    expect((await refresh(after)).statusCode).toBe(401);
    expect((await refresh(before)).statusCode).toBe(200);
    await running.close();
  });
});
