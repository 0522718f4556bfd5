import type { CompiledQuery, Kysely } from 'kysely';
import type { Membership } from '../../protocol/ownership.ts';
import type { GameSchema } from '../log/schema.ts';

/** One backend's life, as its row tells it. */
export interface MemberRow {
  /** `HOST:PORT` of its link. */
  readonly id: string;
  /** This process's life: a backend that comes back at the same address is another one. */
  readonly life: string;
}

/** A lease that ends later than this from now was written before the machine restarted, when its clock began anew. */
const leaseMostMs = 60_000;

/**
 * The rows of membership. Times are milliseconds of a clock that never goes back and that all backends of this store
 * share: on one machine, the time since it started. A wall clock that jumps ends nobody's lease.
 */
export class MembersTable {
  readonly #db: Kysely<GameSchema>;
  readonly #fence: CompiledQuery;

  constructor(db: Kysely<GameSchema>) {
    this.#db = db;
    this.#fence = db.selectFrom('epochs').select('epoch').where('epoch', '=', 0).compile();
  }

  /** Gives a row as long as no later epoch than `epoch` has begun. */
  fence(epoch: number): CompiledQuery {
    return { ...this.#fence, parameters: [epoch] };
  }

  async read(): Promise<Membership> {
    return await read(this.#db);
  }

  /**
   * Enters a backend that listens at its address. Whoever had that address has gone, or it could not be listened on. The
   * leases of the others are cut short: those that live renew them in time, and those that do not are soon out.
   */
  async join(
    self: MemberRow,
    { now, leaseMs }: { readonly now: number; readonly leaseMs: number },
  ): Promise<Membership> {
    return await this.#db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom('members').where('id', '=', self.id).execute();
      await removeExpired(transaction, now);
      const soon = now + leaseMs;
      await transaction
        .updateTable('members')
        .set({ lease_until: soon })
        .where('lease_until', '>', soon)
        .execute();
      await transaction
        .insertInto('members')
        .values({ ...self, lease_until: soon })
        .execute();
      return await nextEpoch(transaction);
    });
  }

  /** Extends the lease, and removes those whose lease is over. A backend that was removed meanwhile enters again. */
  async renew(
    self: MemberRow,
    { now, leaseMs }: { readonly now: number; readonly leaseMs: number },
  ): Promise<Membership> {
    return await this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('members')
        .set({ lease_until: now + leaseMs })
        .where('id', '=', self.id)
        .where('life', '=', self.life)
        .executeTakeFirst();
      const removed = await removeExpired(transaction, now);
      const isMember = numUpdatedRows === 1n;
      // Somebody else has this address now, so this process cannot be reached there.
      const isReplaced = !isMember && (await has(transaction, self.id));
      if (!isMember && !isReplaced) {
        await transaction
          .insertInto('members')
          .values({ ...self, lease_until: now + leaseMs })
          .execute();
      }
      return removed || (!isMember && !isReplaced) ? await nextEpoch(transaction) : await read(transaction);
    });
  }

  async leave(self: MemberRow): Promise<Membership> {
    return await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom('members')
        .where('id', '=', self.id)
        .where('life', '=', self.life)
        .execute();
      return await nextEpoch(transaction);
    });
  }
}

async function has(db: Kysely<GameSchema>, id: string): Promise<boolean> {
  return (await db.selectFrom('members').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

async function removeExpired(db: Kysely<GameSchema>, now: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('members')
    .where(({ eb, or }) => or([eb('lease_until', '<=', now), eb('lease_until', '>', now + leaseMostMs)]))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

async function nextEpoch(db: Kysely<GameSchema>): Promise<Membership> {
  await db
    .updateTable('epochs')
    .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
    .execute();
  return await read(db);
}

async function read(db: Kysely<GameSchema>): Promise<Membership> {
  const { epoch } = await db.selectFrom('epochs').select('epoch').executeTakeFirstOrThrow();
  const members = await db.selectFrom('members').select(['id']).orderBy('id').execute();
  return { epoch: Number(epoch), members };
}
