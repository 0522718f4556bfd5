import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  dayText,
  type RouteUse,
  RouteUses,
  routeUsesOf,
  routeUseTotals,
} from '../../../src/auth/route-uses.ts';
import type { AuthSchema } from '../../../src/auth/schema.ts';
import { newId, type PlayerId, webRandomBytes } from '../../../src/protocol/ids.ts';
import type { Store } from '../../../src/store/index.ts';
import { memoryStore, SteppedClock } from '../../support/auth-fixture.ts';

const daySeconds = 86_400;
let store: Store<AuthSchema>;
let clock: SteppedClock;
let uses: RouteUses;
let ada: PlayerId;
let grace: PlayerId;

beforeEach(async () => {
  store = await memoryStore();
  clock = new SteppedClock(Date.UTC(2026, 5, 1, 23));
  uses = new RouteUses({ store, clock: clock.read });
  [ada, grace] = [await account('ada'), await account('grace')];
});
afterEach(async () => await store.close());

async function account(name: string): Promise<PlayerId> {
  const player = newId('player', webRandomBytes);
  await store.db
    .insertInto('accounts')
    .values({
      ...{ player, name, name_skeleton: name, password_digest: '', created_at: 0 },
      ...{ disabled_at: null, disabled_until: null, disabled_reason: null },
    })
    .execute();
  return player;
}

const use = (player: PlayerId, more: Partial<RouteUse> = {}): RouteUse => ({
  ...{ player, route: 'chess', connections: 1, bytesUp: 10, bytesDown: 20, ms: 1_000.4 },
  ...more,
});

/** As one line a row. */
async function kept(): Promise<string[]> {
  const lines: string[] = [];
  for (const [name, player] of [
    ['ada', ada],
    ['grace', grace],
  ] as const) {
    for (const row of await routeUsesOf(store.db, { player, day: 0 })) {
      const { day, route, connections, bytesUp, bytesDown, ms } = row;
      lines.push(`${dayText(day)} ${name} ${route} ${connections} ${bytesUp} ${bytesDown} ${ms}`);
    }
  }
  return lines.sort();
}

describe('the uses of routes', () => {
  it('add up by player, route and day', async () => {
    await uses.add([use(ada), use(grace), use(ada, { route: 'go' })]);
    await uses.add([use(ada, { connections: 0, bytesUp: 5, bytesDown: 0, ms: 9_000 })]);
    clock.advance(2 * 3_600);
    await uses.add([use(ada)]);
    expect(await kept()).toEqual([
      '2026-06-01 ada chess 1 15 20 10000',
      '2026-06-01 ada go 1 10 20 1000',
      '2026-06-01 grace chess 1 10 20 1000',
      '2026-06-02 ada chess 1 10 20 1000',
    ]);
    const today = Math.floor(clock.now / 86_400_000);
    expect(await routeUsesOf(store.db, { player: ada, day: today })).toHaveLength(1);
    expect(await routeUsesOf(store.db, { player: grace, day: today })).toEqual([]);
  });

  it('are added up for the operator, who moved most first', async () => {
    await uses.add([use(ada), use(grace, { bytesUp: 500 }), use(ada, { route: 'go' })]);
    clock.advance(daySeconds);
    await uses.add([use(ada), use(grace)]);
    const totals = async (day: number, limit = 10) =>
      (await routeUseTotals(store.db, { day, limit })).map(
        ({ name, route, connections, bytesUp, bytesDown, ms }) =>
          `${name} ${route} ${connections} ${bytesUp} ${bytesDown} ${ms}`,
      );
    const lines = ['grace chess 2 510 40 2000', 'ada chess 2 20 40 2000', 'ada go 1 10 20 1000'];
    expect(await totals(0)).toEqual(lines);
    expect(await totals(0, 2)).toEqual(lines.slice(0, 2));
    const today = Math.floor(clock.now / 86_400_000);
    expect(await totals(today)).toEqual(['ada chess 1 10 20 1000', 'grace chess 1 10 20 1000']);
  });

  it('hold numbers beyond 32 bits', async () => {
    const bytesDown = 2 ** 45 + 1;
    await uses.add([use(ada, { bytesDown })]);
    await uses.add([use(ada, { bytesDown })]);
    expect((await routeUsesOf(store.db, { player: ada, day: 0 }))[0]?.bytesDown).toBe(2 * bytesDown);
  });

  it('of a player who has been deleted count for nobody, and hold up nobody', async () => {
    await uses.add([use(ada)]);
    await store.db.deleteFrom('accounts').where('player', '=', ada).execute();
    await uses.add([use(ada), use(grace)]);
    expect(await kept()).toEqual(['2026-06-01 grace chess 1 10 20 1000']);
  });

  it('of many players are written whole', async () => {
    const players = await Promise.all(Array.from({ length: 450 }, (_, number) => account(`p${number}`)));
    await uses.add(players.map((player) => use(player)));
    expect(await routeUseTotals(store.db, { day: 0, limit: 1_000 })).toHaveLength(450);
  });

  it('are kept for ninety days', async () => {
    await uses.add([use(ada)]);
    clock.advance(89 * daySeconds);
    await uses.forgetOld();
    expect(await kept()).toHaveLength(1);
    clock.advance(daySeconds);
    await uses.forgetOld();
    expect(await kept()).toEqual([]);
  });
});
