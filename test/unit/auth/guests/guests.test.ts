import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuthOptions } from '../../../../src/auth/create-auth.ts';
import { guestName } from '../../../../src/auth/guests/guest-names.ts';
import { Guests, guestRules } from '../../../../src/auth/guests/guests.ts';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { preparePlayerName } from '../../../../src/auth/names/player-name.ts';
import { RecoveryCodes } from '../../../../src/auth/recovery/recovery-codes.ts';
import { Sessions, sessionLimits } from '../../../../src/auth/sessions.ts';
import { type PlayerId, webRandomBytes } from '../../../../src/protocol/ids.ts';
import { memoryStore, type RunningAuth, SteppedClock, startAuth } from '../../../support/auth-fixture.ts';

const password = 'correct horse';
let running: RunningAuth;

beforeEach(async () => {
  running = await startAuth();
});
afterEach(async () => {
  await running.close();
});

const restart = async (options: Partial<AuthOptions>): Promise<void> => {
  await running.close();
  running = await startAuth(options);
};
const visit = async (body: object = {}): Promise<TokenAnswer> =>
  (await running.post('/auth/guest', body)).json();
const upgrade = async (token: string, name = 'ada') =>
  await running.post('/auth/guest/upgrade', { name, password }, token);
/** From an address of the tests' choice. */
const from = async (address: string) =>
  await running.app.inject({
    method: 'POST',
    url: '/auth/guest',
    remoteAddress: address,
    headers: { 'content-type': 'application/json' },
    payload: {},
  });

describe('a guest', () => {
  it('plays at once, under a name in words, and is marked as one', async () => {
    const answer = await running.post('/auth/guest', {});
    expect(answer.statusCode).toBe(201);
    const guest: TokenAnswer = answer.json();
    expect(guest.name).toMatch(/^[a-z]+-[a-z]+-[1-9]\d\d$/);
    expect(guest).toMatchObject({ guest: true, refresh_expires_in: 14 * 86_400 });
    expect(guest.recovery_codes).toBeUndefined();
    expect((await running.get('/auth/me', guest.access_token)).json()).toMatchObject({
      name: guest.name,
      guest: true,
    });
    expect(await running.auth.verifyAccessToken({ token: guest.access_token })).toMatchObject({
      guest: true,
    });
    const next = (await running.post('/auth/refresh', { refresh_token: guest.refresh_token })).json();
    expect(next).toMatchObject({ guest: true, session: guest.session });
    const pseudonym = await running.auth.pseudonymOf(guest.player as PlayerId, 'game');
    expect(await running.auth.shownAs(pseudonym, 'game')).toEqual({ name: guest.name, guest: true });
  });

  it('may choose a name, by the rules for all names', async () => {
    expect(await visit({ name: 'Zoë' })).toMatchObject({ name: 'zoë', guest: true });
    for (const [name, code] of [
      ['zoë', 'name_taken'],
      ['admin', 'name_refused'],
      ['a b', 'name_refused'],
    ]) {
      expect((await running.post('/auth/guest', { name })).json().code).toBe(code);
    }
    const taken = await running.post('/auth/register', { name: 'zoë', password });
    expect(taken.json().code).toBe('name_taken');
  });

  it('has no password that anybody could know, and no way back by one', async () => {
    const { name } = await visit();
    for (const guess of [password, 'x'.repeat(8)]) {
      expect((await running.post('/auth/login', { name, password: guess })).json().code).toBe(
        'credentials_wrong',
      );
    }
  });

  it('is not let in where the operator says so, from one moment to the next', async () => {
    const guest = await visit();
    running.auth.ruleGuests({ allowed: false });
    const refused = await running.post('/auth/guest', {});
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'guests_refused']);
    // Those who are there stay, and may become more.
    expect((await running.get('/auth/me', guest.access_token)).statusCode).toBe(200);
    expect((await upgrade(guest.access_token)).statusCode).toBe(200);
    running.auth.ruleGuests({ allowed: true });
    expect((await running.post('/auth/guest', {})).statusCode).toBe(201);
  });
});

describe('a guest who has had enough', () => {
  it('is deleted without a password, since there is none, and others are not', async () => {
    const guest = await visit();
    expect((await running.post('/auth/delete-account', {}, guest.access_token)).statusCode).toBe(204);
    expect((await running.get('/auth/me', guest.access_token)).statusCode).toBe(401);
    const ada: TokenAnswer = (await running.post('/auth/register', { name: 'ada', password })).json();
    expect((await running.post('/auth/delete-account', {}, ada.access_token)).statusCode).toBe(400);
  });
});

describe('guests of one address', () => {
  it('are bounded within an hour, and all together', async () => {
    await restart({ guests: { perAddressAnHour: 3, perAddress: 5 } });
    for (let count = 0; count < 3; count += 1) expect((await from('192.0.2.1')).statusCode).toBe(201);
    const many = await from('192.0.2.1');
    expect([many.statusCode, many.json().code, many.headers['retry-after']]).toEqual([
      429,
      'too_many_guests',
      '3600',
    ]);
    expect((await from('192.0.2.2')).statusCode).toBe(201);
    running.clock.advance(3_600);
    for (let count = 0; count < 2; count += 1) expect((await from('192.0.2.1')).statusCode).toBe(201);
    running.clock.advance(3_600);
    expect((await from('192.0.2.1')).statusCode).toBe(429);
    // An account is no guest any more.
    expect((await from('192.0.2.2')).statusCode).toBe(201);
  });

  it('are counted by networks where somebody has a great many addresses', async () => {
    await restart({ guests: { perAddressAnHour: 1 } });
    expect((await from('2001:db8:1:1::1')).statusCode).toBe(201);
    expect((await from('2001:db8:1:1::2')).statusCode).toBe(429);
    for (const site of [2, 3, 4]) expect((await from(`2001:db8:1:${site}::1`)).statusCode).toBe(201);
    expect((await from('2001:db8:1:5::1')).statusCode).toBe(429);
    expect((await from('2001:db8:2:1::1')).statusCode).toBe(201);
  });
});

describe('a guest becomes an account', () => {
  it('in place: the same player, pseudonym and session, and it is announced', async () => {
    const guest = await visit();
    const pseudonym = await running.auth.pseudonymOf(guest.player as PlayerId, 'game');
    const heard: PlayerId[] = [];
    running.auth.onPlayerChanged((player) => heard.push(player));
    const answer = await upgrade(guest.access_token, 'Ada');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ player: guest.player, session: guest.session, name: 'ada' });
    expect(answer.json().recovery_codes).toHaveLength(8);
    expect(answer.json().device_token).toMatch(/^cdt_/);
    expect(heard).toEqual([guest.player]);
    const me = (await running.get('/auth/me', guest.access_token)).json();
    expect(me).toMatchObject({ player: guest.player, session: guest.session, name: 'ada' });
    expect(me.guest).toBeUndefined();
    expect(await running.auth.pseudonymOf(guest.player as PlayerId, 'game')).toBe(pseudonym);
    expect(await running.auth.shownAs(pseudonym, 'game')).toEqual({ name: 'ada' });
    const login: TokenAnswer = (await running.post('/auth/login', { name: 'ada', password })).json();
    expect(login).toMatchObject({ player: guest.player, refresh_expires_in: 30 * 86_400 });
    const next = (await running.post('/auth/refresh', { refresh_token: guest.refresh_token })).json();
    expect(next).toMatchObject({ session: guest.session, refresh_expires_in: 30 * 86_400 });
  });

  it('under its own name too, and once', async () => {
    const guest = await visit({ name: 'joan' });
    expect((await upgrade(guest.access_token, 'joan')).statusCode).toBe(200);
    const again = await upgrade(guest.access_token, 'joanna');
    expect([again.statusCode, again.json().code]).toEqual([409, 'not_a_guest']);
  });

  it('once, however many try at the same time', async () => {
    const guest = await visit();
    const answers = await Promise.all(
      ['ada', 'bea', 'cleo'].map((name) => upgrade(guest.access_token, name)),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409, 409]);
    const winner = answers.find(({ statusCode }) => statusCode === 200)?.json().name;
    expect((await running.get('/auth/me', guest.access_token)).json().name).toBe(winner);
  });

  it('not under a name or with a password that nobody may have, and stays a guest then', async () => {
    const guest = await visit();
    await running.post('/auth/register', { name: 'grace', password });
    for (const [body, code] of [
      [{ name: 'grace', password }, 'name_taken'],
      [{ name: 'unknown', password }, 'name_refused'],
      [{ name: 'ada', password: 'password' }, 'password_refused'],
      [{ name: 'ada', password: 'short' }, 'password_refused'],
    ] as const) {
      expect((await running.post('/auth/guest/upgrade', body, guest.access_token)).json().code).toBe(code);
    }
    expect((await running.get('/auth/me', guest.access_token)).json()).toMatchObject({
      name: guest.name,
      guest: true,
    });
    expect((await running.post('/auth/guest/upgrade', { name: 'ada', password })).statusCode).toBe(401);
  });
});

describe('the names of guests', () => {
  it('are all lawful, and of words that are there', () => {
    let seed = 0;
    for (let count = 0; count < 2_000; count += 1) {
      const name = guestName((length) => Uint8Array.from({ length }, () => (seed = (seed * 197 + 31) % 256)));
      expect(name).toMatch(/^[a-z]{3,}-[a-z]{2,}-[1-9]\d\d$/);
      expect(preparePlayerName(name).name).toBe(name);
    }
  });
});

describe('guests who do not come back', () => {
  it('are deleted with all that says who they were, others stay', async () => {
    const clock = new SteppedClock();
    const store = await memoryStore();
    const codes = new RecoveryCodes({ randomBytes: webRandomBytes });
    const lines: unknown[] = [];
    const guests = new Guests({
      store,
      hasher: undefined as never,
      policy: undefined as never,
      codes,
      clock: clock.read,
      randomBytes: webRandomBytes,
      key: Buffer.alloc(32),
      rules: () => ({ ...guestRules, keptSeconds: 100, perAddress: 1_000, perAddressAnHour: 1_000 }),
      onChange: async () => {},
      logger: { info: (detail: unknown) => lines.push(detail) } as never,
    });
    const sessions = new Sessions({
      store,
      clock: clock.read,
      randomBytes: webRandomBytes,
      limits: sessionLimits,
    });
    const names = async () =>
      (await store.db.selectFrom('accounts').select('name').orderBy('name').execute()).map(
        ({ name }) => name,
      );
    const present = await guests.admit({ name: 'present', address: '192.0.2.1' });
    const left = await guests.admit({ name: 'left', address: '192.0.2.1' });
    for (let count = 0; count < 450; count += 1) await guests.admit({ address: '192.0.2.1' });
    const granted = await sessions.start(present, { isGuest: true });
    await sessions.start(left, { isGuest: true });
    clock.advance(60);
    const member = await guests.admit({ name: 'new', address: '192.0.2.1' });
    await sessions.refresh(granted.refreshToken);
    clock.advance(50);
    await guests.sweepAll();
    expect(await names()).toEqual(['new', 'present']);
    expect(await store.db.selectFrom('sessions').select('player').execute()).toEqual([
      { player: present.player },
    ]);
    expect(lines).toEqual([{ swept: 451 }]);
    await store.db.deleteFrom('guests').where('player', '=', member.player).execute();
    clock.advance(1_000);
    await guests.sweepAll();
    expect(await names()).toEqual(['new']);
    await store.close();
  });
});
