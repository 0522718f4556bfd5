import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuthError } from '../../../../src/auth/auth-error.ts';
import { type Attempt, GuessGuard } from '../../../../src/auth/guessing/guess-guard.ts';
import { type GuessLimits, guessLimits } from '../../../../src/auth/guessing/guess-limits.ts';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import type { Store } from '../../../../src/store/index.ts';
import { codeOf, memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';

let store: Store<AuthSchema>;
let clock: SteppedClock;
let lines: string[];

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
  lines = [];
});
afterEach(async () => {
  await store.close();
});

function guardWith(limits: Partial<GuessLimits> = {}): GuessGuard {
  const logger = createLogger({
    name: 'test',
    destination: { write: (line: string) => void lines.push(line) },
  });
  return new GuessGuard({
    store,
    limits: { ...guessLimits, ...limits },
    key: Buffer.alloc(32, 7),
    clock: clock.read,
    logger,
  });
}

async function right(): Promise<'in'> {
  return 'in';
}
async function wrong(): Promise<never> {
  throw new AuthError('credentials_wrong');
}
async function busy(): Promise<never> {
  throw new AuthError('busy');
}

const from = (address: string, name = 'anna'): Attempt => ({ name, address });
const here = from('192.0.2.1');
const counters = async () => await store.db.selectFrom('guess_counters').selectAll().execute();

/** Seconds to wait, 0 when a try is let through; the try is a wrong one. */
async function waitAfterWrong(guard: GuessGuard, attempt: Attempt): Promise<number> {
  try {
    await guard.run(attempt, wrong);
  } catch (error) {
    if (error instanceof AuthError && error.code === 'too_many_attempts')
      return error.retryAfterSeconds ?? -1;
    if (error instanceof AuthError && error.code === 'credentials_wrong') return 0;
    throw error;
  }
  throw new Error('a wrong try was let in');
}

describe('D4 guessing one account', () => {
  it('has ten free tries, then pauses that double up to an hour', async () => {
    const guard = guardWith({ siteTries: 1_000 });
    for (let tries = 0; tries < 10; tries += 1) expect(await waitAfterWrong(guard, here)).toBe(0);
    for (const pause of [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]) {
      expect(await waitAfterWrong(guard, here)).toBe(pause);
      clock.advance(pause - 1);
      expect(await waitAfterWrong(guard, here)).toBe(1);
      clock.advance(1);
      expect(await waitAfterWrong(guard, here)).toBe(0);
    }
  });

  it('ends before 100 wrong tries in a row, however patient, and from however many addresses', async () => {
    const guard = guardWith();
    let made = 0;
    for (let round = 0; round < 150; round += 1) {
      const wait = await waitAfterWrong(guard, from(`198.51.100.${round % 50}`));
      if (wait === 0) made += 1;
      clock.advance(Math.max(wait, 3_600));
    }
    expect(made).toBe(100);
    clock.advance(30 * 86_400);
    expect(await codeOf(guard.run(here, right))).toBe('too_many_attempts');
  });

  it('counts a hundred at once as a hundred', async () => {
    const guard = guardWith();
    let tried = 0;
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, () =>
        codeOf(
          guard.run(here, async () => {
            tried += 1;
            return await wrong();
          }),
        ),
      ),
    );
    expect(tried).toBe(10);
    expect(outcomes.filter((code) => code === 'too_many_attempts')).toHaveLength(90);
  });

  it('tries nothing while it holds back, so that a right guess is not told from a wrong one', async () => {
    const guard = guardWith();
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guard, here);
    let tried = false;
    const outcome = guard.run(here, async () => {
      tried = true;
    });
    expect(await codeOf(outcome)).toBe('too_many_attempts');
    expect(tried).toBe(false);
  });

  it('begins anew after a right try, and counts neither what was never tried', async () => {
    const guard = guardWith();
    for (let tries = 0; tries < 9; tries += 1) await waitAfterWrong(guard, here);
    expect(await guard.run(here, right)).toBe('in');
    for (let tries = 0; tries < 50; tries += 1) expect(await codeOf(guard.run(here, busy))).toBe('busy');
    for (let tries = 0; tries < 10; tries += 1) expect(await waitAfterWrong(guard, here)).toBe(0);
    expect(await waitAfterWrong(guard, here)).toBe(30);
  });

  it('is one account in all forms of its name, and an unknown name like any other', async () => {
    const guard = guardWith();
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await waitAfterWrong(guard, from('192.0.2.1', 'Anna'))).toBe(0);
      expect(await waitAfterWrong(guard, from('192.0.2.1', '\uff21nna'))).toBe(0);
    }
    expect(await waitAfterWrong(guard, here)).toBe(30);
    expect(await waitAfterWrong(guard, from('192.0.2.1', 'bert'))).toBe(0);
  });

  it('leaves the owner’s known device alone, which has a count of its own', async () => {
    const guard = guardWith();
    const device: Attempt = { device: 'a digest' };
    for (let tries = 0; tries < 120; tries += 1) {
      await waitAfterWrong(guard, here);
      clock.advance(3_600);
    }
    expect(await guard.run(device, right)).toBe('in');
    expect(await codeOf(guard.run(here, right))).toBe('too_many_attempts');
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guard, device);
    expect(await codeOf(guard.run(device, right))).toBe('too_many_attempts');
  });

  it('is forgiven when the owner recovers', async () => {
    const guard = guardWith();
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guard, here);
    await guard.forgive('ANNA');
    expect(await guard.run(here, right)).toBe('in');
  });
});

describe('D4 guessing from one network', () => {
  const names = (count: number, prefix = 'name') =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);

  it('a classroom behind one address gets in, three slips each', async () => {
    const guard = guardWith();
    for (const name of names(30, 'pupil')) {
      for (let slip = 0; slip < 3; slip += 1)
        expect(await waitAfterWrong(guard, from('203.0.113.9', name))).toBe(0);
      expect(await guard.run(from('203.0.113.9', name), right)).toBe('in');
    }
  });

  it('a /64 is one site, and many /64 of a /48 are one wide network', async () => {
    const guard = guardWith({ siteTries: 5, wideTries: 12, alarmNames: 1_000 });
    const made = { same64: 0, same48: 0 };
    for (const [index, name] of names(20).entries()) {
      if ((await waitAfterWrong(guard, from(`2001:db8:1:1::${index}`, name))) === 0) made.same64 += 1;
    }
    for (const [index, name] of names(20, 'other').entries()) {
      if ((await waitAfterWrong(guard, from(`2001:db8:1:a${index}::1`, name))) === 0) made.same48 += 1;
    }
    expect(made).toEqual({ same64: 5, same48: 7 });
    expect(await waitAfterWrong(guard, from('2001:db8:2::1', 'anna'))).toBe(0);
  });

  it('a site that was held back gets a try for every twelve seconds', async () => {
    const guard = guardWith({ siteTries: 3, alarmNames: 1_000 });
    for (const name of names(3)) expect(await waitAfterWrong(guard, from('192.0.2.1', name))).toBe(0);
    expect(await waitAfterWrong(guard, from('192.0.2.1', 'next'))).toBe(12);
    clock.advance(12);
    expect(await waitAfterWrong(guard, from('192.0.2.1', 'next'))).toBe(0);
    expect(await waitAfterWrong(guard, from('192.0.2.1', 'another'))).toBe(12);
  });

  it('right tries take nothing from the others of a site', async () => {
    const guard = guardWith({ siteTries: 3 });
    for (const name of names(50)) expect(await guard.run(from('192.0.2.1', name), right)).toBe('in');
    expect(await counters()).toEqual([]);
  });
});

describe('D4 credential stuffing', () => {
  const address = (index: number) => `198.51.100.${index}`;

  it('500 names with one password each from 20 addresses raise an alarm that slows these addresses, and nobody else', async () => {
    const guard = guardWith();
    let made = 0;
    const real = { in: 0, all: 0 };
    for (let index = 0; index < 500; index += 1) {
      if ((await waitAfterWrong(guard, from(address(index % 20), `victim${index}`))) === 0) made += 1;
      clock.advance(0.5);
      if (index % 5 === 0) {
        // A real player at home, who mistypes once in three.
        real.all += 1;
        const home = from(`203.0.113.${index % 250}`, `player${index}`);
        if (index % 3 === 0) await waitAfterWrong(guard, home);
        if ((await codeOf(guard.run(home, right))) === undefined) real.in += 1;
      }
    }
    expect(made).toBeLessThan(300);
    expect(real.in / real.all).toBeGreaterThanOrEqual(0.99);
    const events = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'guessing_alarm');
    expect(events).toHaveLength(1);
    const log = await store.db.selectFrom('audit_log').select(['actor', 'action']).execute();
    expect(log).toEqual([{ actor: 'castling', action: 'alarm.guessing' }]);
  });

  it('a school whose pupils all slip twice within a minute raises none', async () => {
    const guard = guardWith();
    for (let pupil = 0; pupil < 40; pupil += 1) {
      for (let slip = 0; slip < 2; slip += 1) await waitAfterWrong(guard, from('192.0.2.1', `pupil${pupil}`));
    }
    expect(lines).toEqual([]);
  });
});

describe('the counters', () => {
  it('survive a restart, and hold neither names nor addresses', async () => {
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guardWith(), here);
    expect(await waitAfterWrong(guardWith(), here)).toBe(30);
    const text = JSON.stringify(await counters());
    expect(text).not.toMatch(/anna|192\.0\.2/);
  });

  it('stay within their number; those that hold back most stay', async () => {
    const guard = guardWith({ countersMost: 20, alarmNames: 1_000, siteTries: 1_000 });
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guard, here);
    for (let index = 0; index < 100; index += 1)
      await waitAfterWrong(guard, from('192.0.2.2', `name${index}`));
    await guard.forgetOld();
    expect(await counters()).toHaveLength(20);
    expect(await waitAfterWrong(guard, here)).toBe(30);
  });

  it('go when they say nothing any more', async () => {
    const guard = guardWith();
    await waitAfterWrong(guard, here);
    for (let tries = 0; tries < 10; tries += 1) await waitAfterWrong(guard, from('192.0.2.1', 'held'));
    clock.advance(86_401);
    await guard.forgetOld();
    expect(await counters()).toMatchObject([{ kind: 'account', level: 10 }]);
    clock.advance(90 * 86_400);
    await guard.forgetOld();
    expect(await counters()).toEqual([]);
  });
});
