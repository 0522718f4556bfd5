import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { totpCode, totpStep } from '../../../../src/auth/second-factor/totp.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';
import { fromBase32 } from '../../../support/base32.ts';

const anna = { name: 'anna', password: 'correct horse' };
const proof = { current_password: anna.password };
let running: RunningAuth;
let mine: TokenAnswer & { recovery_codes: string[] };
let secret: Buffer;

beforeEach(async () => {
  running = await startAuth();
  mine = (await running.post('/auth/register', anna)).json();
});
afterEach(async () => {
  await running.close();
});

const post = async (path: string, body: object, token = mine.access_token) =>
  await running.post(path, body, token);
/** What the app shows so many steps from now. */
const shown = (steps = 0) => totpCode(secret, totpStep(running.clock.now) + steps);

async function enrol(): Promise<void> {
  const answer = await post('/auth/totp', proof);
  expect(answer.statusCode).toBe(200);
  secret = fromBase32(answer.json().secret);
}

/** On, with the clock moved on, so that the code of setting it up is of the past. */
async function turnOn(): Promise<void> {
  await enrol();
  expect((await post('/auth/totp/confirm', { code: shown() })).statusCode).toBe(204);
  running.clock.advance(90);
}

const login = async (body: object = anna) => await running.post('/auth/login', body);
const finish = async (ticket: string, code: string) =>
  await running.post('/auth/login/second-factor', { ticket, code });
const ticketOf = async (): Promise<string> => (await login()).json().ticket;
const outcome = ({ statusCode, json }: Awaited<ReturnType<typeof login>>) => [
  statusCode,
  statusCode === 204 ? undefined : json().code,
];

describe('setting up an authenticator app', () => {
  it('takes the password, gives the secret once, and counts only when a code was shown', async () => {
    expect(outcome(await post('/auth/totp', {}))).toEqual([400, 'body_invalid']);
    expect(outcome(await post('/auth/totp', { current_password: 'not hers' }))).toEqual([
      403,
      'password_wrong',
    ]);
    expect(outcome(await post('/auth/totp/confirm', { code: '000000' }))).toEqual([409, 'totp_off']);
    await enrol();
    expect((await login()).statusCode).toBe(200);
    expect(outcome(await post('/auth/totp/confirm', { code: shown(5) }))).toEqual([
      403,
      'second_factor_wrong',
    ]);
    expect((await login()).statusCode).toBe(200);
    expect((await post('/auth/totp/confirm', { code: shown() })).statusCode).toBe(204);
    expect((await running.get('/auth/second-factor', mine.access_token)).json()).toEqual({
      totp: true,
      recoveryCodes: 8,
    });
    const again = await post('/auth/totp', { ...proof, code: shown(1) });
    expect(outcome(again)).toEqual([409, 'totp_on']);
  });

  it('begun again, is about the newer secret', async () => {
    await enrol();
    const older = shown();
    await enrol();
    expect(outcome(await post('/auth/totp/confirm', { code: older }))).toEqual([403, 'second_factor_wrong']);
    expect((await post('/auth/totp/confirm', { code: shown() })).statusCode).toBe(204);
  });

  it('names server and player in the URI', async () => {
    const { uri } = (await post('/auth/totp', proof)).json();
    expect(decodeURIComponent(uri)).toContain('otpauth://totp/Castling (localhost):anna?');
  });

  it('is undone by password and code, not by the password alone', async () => {
    await turnOn();
    expect(outcome(await post('/auth/totp/disable', proof))).toEqual([403, 'second_factor_needed']);
    expect((await post('/auth/totp/disable', { ...proof, code: shown() })).statusCode).toBe(204);
    expect((await login()).statusCode).toBe(200);
    expect(outcome(await post('/auth/totp/disable', proof))).toEqual([409, 'totp_off']);
  });
});

describe('signing in with a second factor', () => {
  beforeEach(turnOn);

  it('takes password and code, and no token comes before both', async () => {
    const first = await login();
    expect(first.json()).toMatchObject({
      status: 403,
      code: 'second_factor_needed',
      ticket: expect.stringMatching(/^cst_/),
      expires_in: 300,
    });
    expect(first.body).not.toMatch(/access_token|crt_/);
    const answer = await finish(first.json().ticket, shown());
    expect(answer.json()).toMatchObject({ name: 'anna', player: mine.player, token_type: 'Bearer' });
    expect((await running.get('/auth/me', answer.json().access_token)).statusCode).toBe(200);
  });

  it('says nothing of it to somebody without the password', async () => {
    const wrong = await login({ ...anna, password: 'not hers' });
    const unknown = await login({ ...anna, name: 'nobody' });
    expect(outcome(wrong)).toEqual([401, 'credentials_wrong']);
    expect({ ...wrong.json(), requestId: '' }).toEqual({ ...unknown.json(), requestId: '' });
  });

  it('takes a code once, even with another ticket', async () => {
    const [one, other] = [await ticketOf(), await ticketOf()];
    expect((await finish(one, shown())).statusCode).toBe(200);
    expect(outcome(await finish(other, shown()))).toEqual([403, 'second_factor_wrong']);
    running.clock.advance(30);
    expect((await finish(other, shown())).statusCode).toBe(200);
  });

  it('takes a ticket once, a code at two doors at once once, and neither for long', async () => {
    const tickets = [await ticketOf(), await ticketOf()];
    const both = await Promise.all(tickets.map((ticket) => finish(ticket, shown())));
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 403]);
    running.clock.advance(30);
    const used = tickets[both.findIndex(({ statusCode }) => statusCode === 200)]!;
    expect(outcome(await finish(used, shown()))).toEqual([401, 'sign_in_ticket_invalid']);
    const late = await ticketOf();
    running.clock.advance(300);
    expect(outcome(await finish(late, shown()))).toEqual([401, 'sign_in_ticket_invalid']);
    expect(outcome(await finish(`cst_${'A'.repeat(43)}`, shown()))).toEqual([401, 'sign_in_ticket_invalid']);
  });

  it('lets five codes be tried with one ticket', async () => {
    const ticket = await ticketOf();
    for (let wrong = 0; wrong < 5; wrong += 1) {
      expect(outcome(await finish(ticket, shown(10)))).toEqual([403, 'second_factor_wrong']);
    }
    expect(outcome(await finish(ticket, shown()))).toEqual([401, 'sign_in_ticket_invalid']);
  });

  it('D4 stops guessing codes long before one is likely to be hit', async () => {
    let tried = 0;
    let last = await finish(await ticketOf(), shown(10));
    for (; last.statusCode !== 429 && tried < 100; tried += 1)
      last = await finish(await ticketOf(), shown(10));
    expect(outcome(last)).toEqual([429, 'too_many_attempts']);
    expect(tried).toBeLessThan(20);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    // Not even the right one is tried while it waits; a recovery code is.
    expect(outcome(await finish(await ticketOf(), shown()))).toEqual([429, 'too_many_attempts']);
    expect((await finish(await ticketOf(), mine.recovery_codes[0]!)).statusCode).toBe(200);
    expect((await finish(await ticketOf(), shown())).statusCode).toBe(200);
  });

  it('takes a recovery code in the app’s place, once', async () => {
    const [code] = mine.recovery_codes;
    expect((await finish(await ticketOf(), code!.toLowerCase())).statusCode).toBe(200);
    expect(outcome(await finish(await ticketOf(), code!))).toEqual([403, 'second_factor_wrong']);
    const { recoveryCodes } = (await running.get('/auth/second-factor', mine.access_token)).json();
    expect(recoveryCodes).toBe(7);
  });

  it.each([
    [
      'a changed password',
      async () => {
        const body = { ...proof, new_password: 'battery staple', code: shown() };
        expect((await post('/auth/password', body)).statusCode).toBe(204);
      },
    ],
    [
      'a recovered account',
      async () => {
        const [recovery_code, code] = mine.recovery_codes;
        const body = { name: 'anna', recovery_code, code, new_password: 'battery staple' };
        expect((await running.post('/auth/recover', body)).statusCode).toBe(200);
      },
    ],
  ])('voids tickets by %s', async (_, change) => {
    const ticket = await ticketOf();
    await change();
    running.clock.advance(30);
    expect(outcome(await finish(ticket, shown()))).toEqual([401, 'sign_in_ticket_invalid']);
  });
});

describe('D9 with a second factor on', () => {
  beforeEach(turnOn);

  it.each(['/auth/password', '/auth/recovery-codes', '/auth/totp', '/auth/delete-account'])(
    '%s takes the code, too',
    async (path) => {
      const body = path === '/auth/password' ? { ...proof, new_password: 'battery staple' } : proof;
      expect(outcome(await post(path, body))).toEqual([403, 'second_factor_needed']);
      expect((await post(path, body)).json().ticket).toBeUndefined();
      expect(outcome(await post(path, { ...body, code: shown(10) }))).toEqual([403, 'second_factor_wrong']);
      expect(outcome(await post(path, { code: shown() }))[0]).toBe(400);
    },
  );

  it('recovering takes a code of the app or a second recovery code, and nothing changes before', async () => {
    const [recovery_code, another] = mine.recovery_codes;
    const body = { name: 'anna', recovery_code, new_password: 'battery staple' };
    const recover = async (extra: object = {}) => await running.post('/auth/recover', { ...body, ...extra });
    expect(outcome(await recover())).toEqual([403, 'second_factor_needed']);
    expect(outcome(await recover({ code: recovery_code }))).toEqual([403, 'second_factor_wrong']);
    expect(outcome(await recover({ code: shown(10) }))).toEqual([403, 'second_factor_wrong']);
    expect(outcome(await login())).toEqual([403, 'second_factor_needed']);
    expect((await recover({ code: another })).json()).toMatchObject({ name: 'anna', recovery_codes_left: 6 });
    // Who holds no code of the account hears nothing about its second factor.
    const stranger = { ...body, recovery_code: '00000-00000-00000-00000-00000' };
    expect(outcome(await running.post('/auth/recover', stranger))).toEqual([401, 'recovery_refused']);
  });
});

describe('F5 the export', () => {
  it('says that there is an authenticator app, and not its secret', async () => {
    await turnOn();
    const answer = await running.get('/auth/export', mine.access_token);
    expect(answer.json()).toMatchObject({
      totp: { confirmedAt: expect.any(Number) },
      history: [{ action: 'totp.enable' }],
      sessions: [{ address: '127.0.0.1' }],
    });
    expect(answer.body).not.toContain(secret.toString('base64url'));
  });
});
