import { performance } from 'node:perf_hooks';
import { hash } from 'argon2';
import type { Store } from '../../store/index.ts';
import type { AuthSchema } from '../schema.ts';
import { costFloor, costForSpeed, isWeaker, type PasswordCost } from './password-cost.ts';

/** Hashes at the floor that calibration makes: the first warms up, the fastest of the rest counts. */
const samples = 4;
/** Days for which a measurement holds. */
const validDays = 30;
const dayMs = 86_400_000;

/**
 * The cost of a hash for every process that uses this store: measured at the first start and again when the measurement is
 * a month old, and then only raised. Kept in the store, since workers that each measured for themselves, all at once,
 * would disagree and hash the same passwords again and again.
 *
 * Takes about four hashes at the floor, under a second on the slowest machine that can serve anybody.
 */
export async function calibratedCost(
  store: Store<AuthSchema>,
  {
    clock,
    measure = fastestFloorHash,
  }: { readonly clock: () => number; readonly measure?: () => Promise<number> },
): Promise<PasswordCost> {
  const kept = await readCost(store);
  if (kept !== undefined && clock() - kept.measuredAt < validDays * dayMs) return kept.cost;
  const measured = costForSpeed(await measure());
  const cost = kept === undefined || isWeaker(kept.cost, measured) ? measured : kept.cost;
  const row = { memory_kib: cost.memoryKib, passes: cost.passes, measured_at: clock() };
  await store.db
    .insertInto('password_costs')
    .values({ id: 1, ...row })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet(row)
        .where('password_costs.measured_at', '=', kept?.measuredAt ?? -1),
    )
    .execute();
  // Whoever wrote first has decided for all.
  return (await readCost(store))?.cost ?? cost;
}

async function readCost(
  store: Store<AuthSchema>,
): Promise<{ readonly cost: PasswordCost; readonly measuredAt: number } | undefined> {
  const row = await store.db.selectFrom('password_costs').selectAll().where('id', '=', 1).executeTakeFirst();
  if (row === undefined) return undefined;
  const cost = { memoryKib: row.memory_kib, passes: row.passes };
  return { cost: isWeaker(cost, costFloor) ? costFloor : cost, measuredAt: Number(row.measured_at) };
}

async function fastestFloorHash(): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < samples; sample += 1) {
    const start = performance.now();
    await hash('calibration', {
      memoryCost: costFloor.memoryKib,
      timeCost: costFloor.passes,
      parallelism: 1,
    });
    if (sample > 0) fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
