import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Challenges } from '../../../../src/auth/passkeys/challenges.ts';
import type { AuthSchema } from '../../../../src/auth/schema.ts';
import { webRandomBytes as randomBytes } from '../../../../src/protocol/ids.ts';
import type { Store } from '../../../../src/store/index.ts';
import { memoryStore, SteppedClock } from '../../../support/auth-fixture.ts';

const asked = { purpose: 'sign_in', rpId: 'localhost', player: null, isNamed: false } as const;
let store: Store<AuthSchema>;
let clock: SteppedClock;
let challenges: Challenges;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock();
  challenges = new Challenges({
    store,
    limits: { perNetwork: 3, most: 5 },
    key: Buffer.alloc(32, 1),
    clock: clock.read,
    randomBytes,
  });
});
afterEach(async () => {
  await store.close();
});

const ask = async (address: string) => {
  clock.advance(1);
  return await challenges.issue(asked, address);
};
const rows = async () => await store.db.selectFrom('passkey_challenges').selectAll().execute();

describe('a challenge', () => {
  it('is good once, for five minutes, for what it was made for', async () => {
    const challenge = await ask('192.0.2.1');
    expect(await challenges.take(challenge)).toEqual(asked);
    expect(await challenges.take(challenge)).toBeUndefined();
    const late = await ask('192.0.2.1');
    clock.advance(300);
    expect(await challenges.take(late)).toBeUndefined();
    expect(await challenges.take('')).toBeUndefined();
  });

  it('is taken by any process that shares the store', async () => {
    const challenge = await ask('192.0.2.1');
    const other = new Challenges({ store, key: Buffer.alloc(32, 1), clock: clock.read, randomBytes });
    expect(await other.take(challenge)).toEqual(asked);
  });

  it('is kept as a hash, and so is the network that asked', async () => {
    const challenge = await ask('192.0.2.1');
    const kept = JSON.stringify(await rows());
    expect(kept).not.toContain(challenge);
    expect(kept).not.toContain('192.0.2');
  });
});

describe('strangers who ask for many', () => {
  it('push out their own network’s oldest, not another’s', async () => {
    const mine = await ask('198.51.100.1');
    const theirs = [];
    for (let count = 0; count < 8; count += 1) theirs.push(await ask(`2001:db8::${count}`));
    expect(await rows()).toHaveLength(4);
    expect(await challenges.take(theirs[4]!)).toBeUndefined();
    expect(await challenges.take(theirs[5]!)).toEqual(asked);
    expect(await challenges.take(mine)).toEqual(asked);
  });

  it('from everywhere, never make it more than the bound for all', async () => {
    const newest = [];
    for (let count = 0; count < 20; count += 1) newest.push(await ask(`192.0.2.${count}`));
    expect(await rows()).toHaveLength(5);
    expect(await challenges.take(newest.at(-1)!)).toEqual(asked);
  });

  it('leave nothing behind when time has passed', async () => {
    await ask('192.0.2.1');
    clock.advance(300);
    await challenges.forgetOld();
    expect(await rows()).toEqual([]);
  });
});
