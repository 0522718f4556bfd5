import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceStartedAnswer, TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { totpCode, totpStep } from '../../../../src/auth/second-factor/totp.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';
import { fromBase32 } from '../../../support/base32.ts';

const anna = { name: 'anna', password: 'correct horse' };
const proof = { current_password: anna.password };
let running: RunningAuth;
let mine: TokenAnswer;

beforeEach(async () => {
  running = await startAuth();
  mine = (await running.post('/auth/register', anna)).json();
});
afterEach(async () => {
  await running.close();
});

const post = async (path: string, body: object, token: string | undefined = mine.access_token) =>
  await running.post(path, body, token);
const outcome = ({ statusCode, body }: Awaited<ReturnType<typeof post>>) => [
  statusCode,
  body === '' ? '' : JSON.parse(body).code,
];
const begin = async (): Promise<DeviceStartedAnswer> =>
  (await running.post('/auth/device', { device: 'terminal (linux)' })).json();
const poll = async ({ device_code }: DeviceStartedAnswer) =>
  await running.post('/auth/device/token', { device_code });
const approve = async ({ user_code }: DeviceStartedAnswer, body: object = proof, token = mine.access_token) =>
  await post('/auth/device/approve', { user_code, ...body }, token);

describe('RFC 8628 a terminal that waits', () => {
  it('gets two codes, and an address of the server that it reached', async () => {
    const started = await begin();
    expect(started).toEqual({
      device_code: expect.stringMatching(/^cdc_[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: 'https://localhost:80/#/device',
      verification_uri_complete: `https://localhost:80/#/device/${started.user_code}`,
      expires_in: 600,
      interval: 5,
    });
  });

  it('is let in with a session of its own, once', async () => {
    const started = await begin();
    expect(outcome(await poll(started))).toEqual([400, 'authorization_pending']);
    expect((await approve(started)).statusCode).toBe(204);
    running.clock.advance(5);
    const answer = await poll(started);
    expect(answer.json()).toMatchObject({ name: 'anna', player: mine.player, token_type: 'Bearer' });
    expect(answer.json().session).not.toBe(mine.session);
    expect(outcome(await poll(started))).toEqual([400, 'expired_token']);
    const { sessions } = (await running.get('/auth/sessions', answer.json().access_token)).json();
    expect(sessions).toContainEqual(
      expect.objectContaining({ current: true, device: 'terminal (linux)', address: '127.0.0.1' }),
    );
    await post('/auth/logout?scope=local', undefined as never);
    expect((await running.get('/auth/me', answer.json().access_token)).statusCode).toBe(200);
  });

  it('that asks at twenty doors at once is let in at one', async () => {
    const started = await begin();
    await approve(started);
    const answers = await Promise.all(Array.from({ length: 20 }, () => poll(started)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
  });

  it('is told to slow down, and by how much', async () => {
    const started = await begin();
    expect(outcome(await poll(started))).toEqual([400, 'authorization_pending']);
    running.clock.advance(1);
    const hasty = await poll(started);
    expect([...outcome(hasty), hasty.headers['retry-after']]).toEqual([400, 'slow_down', '10']);
    running.clock.advance(5);
    expect(outcome(await poll(started))).toEqual([400, 'slow_down']);
    running.clock.advance(15);
    expect(outcome(await poll(started))).toEqual([400, 'authorization_pending']);
  });

  it('hears of a refusal once, and of time that has passed', async () => {
    const started = await begin();
    const { user_code } = started;
    expect((await post('/auth/device/deny', { user_code })).statusCode).toBe(204);
    expect(outcome(await poll(started))).toEqual([400, 'access_denied']);
    expect(outcome(await poll(started))).toEqual([400, 'expired_token']);
    const late = await begin();
    running.clock.advance(600);
    expect(outcome(await poll(late))).toEqual([400, 'expired_token']);
    const renewed = (await running.post('/auth/login', anna)).json().access_token;
    expect(outcome(await approve(late, proof, renewed))).toEqual([404, 'user_code_unknown']);
    expect(
      outcome(await running.post('/auth/device/token', { device_code: `cdc_${'A'.repeat(43)}` })),
    ).toEqual([400, 'expired_token']);
  });

  it.each(['a b', 'localhost/x', 'localhost#x', 'user@localhost', '<script>'])(
    'is sent nowhere by a strange Host field: %s',
    async (host) => {
      const answer = await running.app.inject({
        method: 'POST',
        url: '/auth/device',
        headers: { host, 'content-type': 'application/json' },
        payload: {},
      });
      expect(outcome(answer)).toEqual([400, 'body_invalid']);
    },
  );
});

describe('the person at the browser', () => {
  it('sees which terminal asks, from where and since when', async () => {
    const { user_code } = await begin();
    running.clock.advance(20);
    const look = await post('/auth/device/look', {
      user_code: ` ${user_code.toLowerCase().replace('-', ' ')}`,
    });
    expect(look.json()).toEqual({
      device: 'terminal (linux)',
      userAgent: 'lightMyRequest',
      address: '127.0.0.1',
      isNear: true,
      askedAt: running.clock.now - 20_000,
      expiresAt: running.clock.now + 580_000,
    });
  });

  it('is told when the terminal is in another network', async () => {
    const started = await running.app.inject({
      method: 'POST',
      url: '/auth/device',
      remoteAddress: '203.0.113.9',
      headers: { 'content-type': 'application/json' },
      payload: {},
    });
    const look = await post('/auth/device/look', { user_code: started.json().user_code });
    expect(look.json()).toMatchObject({ address: '203.0.113.9', isNear: false, device: null });
  });

  it('must be signed in, and show once more who they are', async () => {
    const started = await begin();
    const { user_code } = started;
    for (const path of ['look', 'approve', 'deny']) {
      expect(
        (await running.post(`/auth/device/${path}`, { user_code, ...(path === 'approve' && proof) }))
          .statusCode,
      ).toBe(401);
    }
    expect(outcome(await approve(started, {}))).toEqual([400, 'body_invalid']);
    expect(outcome(await approve(started, { current_password: 'not hers' }))).toEqual([
      403,
      'password_wrong',
    ]);
    const { secret } = (await post('/auth/totp', proof)).json();
    const code = (ahead: number) => totpCode(fromBase32(secret), totpStep(running.clock.now) + ahead);
    await post('/auth/totp/confirm', { code: code(0) });
    expect(outcome(await approve(started))).toEqual([403, 'second_factor_needed']);
    expect(outcome(await poll(started))).toEqual([400, 'authorization_pending']);
    expect((await approve(started, { ...proof, code: code(1) })).statusCode).toBe(204);
  });

  it('decides once: of two, the first', async () => {
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    const started = await begin();
    const both = await Promise.all([approve(started), approve(started, proof, bert.access_token)]);
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 404]);
    const winner = both[0]?.statusCode === 204 ? mine : bert;
    expect((await poll(started)).json().player).toBe(winner.player);
  });

  it('D4 cannot try codes at will', async () => {
    const started = await begin();
    let last = await post('/auth/device/look', { user_code: 'BBBB-BBBB' });
    let tries = 0;
    for (; last.statusCode !== 429 && tries < 50; tries += 1) {
      last = await post('/auth/device/look', { user_code: 'BBBB-BBBB' });
    }
    expect(tries).toBeLessThan(20);
    expect(outcome(await approve(started))).toEqual([429, 'too_many_attempts']);
    // The password is another secret: that it may be asked for is not held back by this.
    expect((await post('/auth/recovery-codes', proof)).statusCode).toBe(200);
  });
});

describe('what was approved and not fetched', () => {
  it.each([
    [
      'a changed password',
      async () => await post('/auth/password', { ...proof, new_password: 'battery staple' }),
    ],
    ['signing out elsewhere', async () => await post('/auth/logout?scope=others', undefined as never)],
    ['deleting the account', async () => await post('/auth/delete-account', proof)],
  ])('is void after %s', async (_, act) => {
    const started = await begin();
    await approve(started);
    expect((await act()).statusCode).toBe(204);
    expect(outcome(await poll(started))).toEqual([400, 'expired_token']);
  });
});

describe('many who wait', () => {
  it('push out the oldest of their own network, and nobody else', async () => {
    const from = async (remoteAddress: string): Promise<DeviceStartedAnswer> =>
      (
        await running.app.inject({
          method: 'POST',
          url: '/auth/device',
          remoteAddress,
          headers: { 'content-type': 'application/json' },
          payload: {},
        })
      ).json();
    const other = await from('198.51.100.1');
    const first = await from('192.0.2.1');
    for (let count = 0; count < 32; count += 1) {
      running.clock.advance(0.001);
      await from('192.0.2.1');
    }
    expect(outcome(await poll(first))).toEqual([400, 'expired_token']);
    expect(outcome(await poll(other))).toEqual([400, 'authorization_pending']);
  });
});
