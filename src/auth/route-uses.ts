import { type Kysely, sql, type Transaction } from 'kysely';
import type { PlayerId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import type { AuthSchema } from './schema.ts';

/** What a player has had of a route since it was last said. */
export interface RouteUse {
  readonly player: PlayerId;
  readonly route: string;
  /** That began. */
  readonly connections: number;
  /** From the player, and back. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Milliseconds for which connections were open, all together. */
  readonly ms: number;
}

/** The same as it is kept, for one day. */
export interface DailyRouteUse extends RouteUse {
  /** Days since 1970, UTC. */
  readonly day: number;
}

const dayMs = 86_400_000;
/** Days for which uses are kept: a season, so that an operator can compare. */
export const routeUseDays = 90;
/** Rows of one transaction, so that the write lock is held briefly. */
const addedAtOnce = 200;

/** Adds up who uses routes how much. Several processes may add for the same player; nothing is read before it is written. */
export class RouteUses {
  readonly #store: Store<AuthSchema>;
  readonly #clock: () => number;

  constructor({ store, clock }: { readonly store: Store<AuthSchema>; readonly clock: () => number }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Uses of players who are gone count for nobody. @throws StoreError; then all of those that it names may be said again */
  async add(uses: readonly RouteUse[]): Promise<void> {
    const day = Math.floor(this.#clock() / dayMs);
    for (let at = 0; at < uses.length; at += addedAtOnce) {
      await this.#store.db.transaction().execute(async (transaction) => {
        for (const use of uses.slice(at, at + addedAtOnce)) await addOne(transaction, use, day);
      });
    }
  }

  async forgetOld(): Promise<void> {
    const first = Math.floor(this.#clock() / dayMs) - routeUseDays + 1;
    await this.#store.db.deleteFrom('route_uses').where('day', '<', first).execute();
  }
}

/** What one player has had since a day, that day included; the latest day first. */
export async function routeUsesOf(
  db: Kysely<AuthSchema>,
  { player, day }: { readonly player: PlayerId; readonly day: number },
): Promise<DailyRouteUse[]> {
  const rows = await db
    .selectFrom('route_uses')
    .selectAll()
    .where('player', '=', player)
    .where('day', '>=', day)
    .orderBy('day', 'desc')
    .orderBy('route')
    .execute();
  return rows.map((row) => ({ day: row.day, ...useOf(row) }));
}

/** What everybody has had since a day, that day included, under their names; who moved most bytes comes first. */
export async function routeUseTotals(
  db: Kysely<AuthSchema>,
  { day, limit }: { readonly day: number; readonly limit: number },
): Promise<(RouteUse & { readonly name: string })[]> {
  const rows = await db
    .selectFrom('route_uses')
    .innerJoin('accounts', 'accounts.player', 'route_uses.player')
    .select(({ fn }) => [
      ...(['accounts.name', 'route_uses.player', 'route_uses.route'] as const),
      fn.sum<number>('connections').as('connections'),
      fn.sum<number>('bytes_up').as('bytes_up'),
      fn.sum<number>('bytes_down').as('bytes_down'),
      fn.sum<number>('ms').as('ms'),
    ])
    .where('day', '>=', day)
    .groupBy(['route_uses.player', 'route_uses.route', 'accounts.name'])
    .orderBy(sql`sum(bytes_up) + sum(bytes_down)`, 'desc')
    .orderBy('accounts.name')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ name: row.name, ...useOf(row) }));
}

function useOf(row: Omit<AuthSchema['route_uses'], 'day'>): RouteUse {
  return {
    player: row.player,
    route: row.route,
    connections: Number(row.connections),
    bytesUp: Number(row.bytes_up),
    bytesDown: Number(row.bytes_down),
    ms: Number(row.ms),
  };
}

/** `2026-11-22` */
export function dayText(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

async function addOne(transaction: Transaction<AuthSchema>, use: RouteUse, day: number): Promise<void> {
  const { player, route, connections, bytesUp, bytesDown, ms } = use;
  await transaction
    .insertInto('route_uses')
    .columns(['player', 'route', 'day', 'connections', 'bytes_up', 'bytes_down', 'ms'])
    .expression(({ selectFrom }) =>
      selectFrom('accounts')
        .select([
          'accounts.player',
          sql.val(route).as('route'),
          sql.val(day).as('day'),
          sql.val(connections).as('connections'),
          sql.val(bytesUp).as('bytes_up'),
          sql.val(bytesDown).as('bytes_down'),
          sql.val(Math.round(ms)).as('ms'),
        ])
        .where('accounts.player', '=', player),
    )
    .onConflict((conflict) =>
      conflict.columns(['player', 'route', 'day']).doUpdateSet(({ ref }) => ({
        connections: sql`${ref('route_uses.connections')} + ${ref('excluded.connections')}`,
        bytes_up: sql`${ref('route_uses.bytes_up')} + ${ref('excluded.bytes_up')}`,
        bytes_down: sql`${ref('route_uses.bytes_down')} + ${ref('excluded.bytes_down')}`,
        ms: sql`${ref('route_uses.ms')} + ${ref('excluded.ms')}`,
      })),
    )
    .execute();
}
