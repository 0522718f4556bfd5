import type { Kysely, Transaction } from 'kysely';
import type { PlayerId, RandomBytes } from '../../protocol/ids.ts';
import type { AuthSchema } from '../schema.ts';
import { digestOfRecoveryCode, newRecoveryCode } from './recovery-code.ts';

/** Codes that a player gets at registration, to write down. */
const codesOfPlayer = 8;
/** Milliseconds for which the code of an operator's reset is good. */
const resetMs = 86_400_000;

interface Whose {
  readonly player: PlayerId;
  /** Unix milliseconds. */
  readonly now: number;
}

/** The codes with which a player who has lost the password gets in once each. Every change runs inside the caller's transaction. */
export class RecoveryCodes {
  readonly #randomBytes: RandomBytes;

  constructor({ randomBytes }: { readonly randomBytes: RandomBytes }) {
    this.#randomBytes = randomBytes;
  }

  /** A fresh set in place of all codes there were. They are not seen again. */
  async issueSet(transaction: Transaction<AuthSchema>, whose: Whose): Promise<string[]> {
    await this.#clear(transaction, whose);
    const codes = Array.from({ length: codesOfPlayer }, () => newRecoveryCode(this.#randomBytes));
    for (const code of codes) await this.#keep(transaction, { ...whose, code, expiresAt: null });
    return codes;
  }

  /** One code in place of all there were, good for a day: what an operator hands to a player who has lost everything. */
  async issueReset(
    transaction: Transaction<AuthSchema>,
    whose: Whose,
  ): Promise<{ code: string; expiresAt: number }> {
    await this.#clear(transaction, whose);
    const code = newRecoveryCode(this.#randomBytes);
    const expiresAt = whose.now + resetMs;
    await this.#keep(transaction, { ...whose, code, expiresAt });
    return { code, expiresAt };
  }

  /** Whether this would be redeemed now. */
  async isGood(
    db: Kysely<AuthSchema>,
    { typed, ...whose }: Whose & { readonly typed: string },
  ): Promise<boolean> {
    const row = await good(db, { ...whose, typed })
      .select('digest')
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Uses a code up; false when it is not one of this player's, or not any more. */
  async redeem(
    transaction: Transaction<AuthSchema>,
    { typed, ...whose }: Whose & { readonly typed: string },
  ): Promise<boolean> {
    const { numDeletedRows } = await transaction
      .deleteFrom('recovery_codes')
      .where('digest', 'in', good(transaction, { ...whose, typed }).select('digest'))
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  async left(db: Kysely<AuthSchema>, player: PlayerId): Promise<number> {
    const { count } = await db
      .selectFrom('recovery_codes')
      .select(({ fn }) => fn.countAll().as('count'))
      .where('player', '=', player)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async #clear(transaction: Transaction<AuthSchema>, { player }: Whose): Promise<void> {
    await transaction.deleteFrom('recovery_codes').where('player', '=', player).execute();
  }

  async #keep(
    transaction: Transaction<AuthSchema>,
    { player, now, code, expiresAt }: Whose & { readonly code: string; readonly expiresAt: number | null },
  ): Promise<void> {
    const digest = digestOfRecoveryCode(code);
    if (digest === undefined) throw new Error('A recovery code that was just made has not its own form.');
    await transaction
      .insertInto('recovery_codes')
      .values({ digest, player, created_at: now, expires_at: expiresAt })
      .execute();
  }
}

function good(db: Kysely<AuthSchema>, { player, now, typed }: Whose & { readonly typed: string }) {
  // What is no code at all is looked up too, as one that nobody has: the answer takes as long.
  return db
    .selectFrom('recovery_codes')
    .where('digest', '=', digestOfRecoveryCode(typed) ?? '')
    .where('player', '=', player)
    .where((code) => code.or([code('expires_at', 'is', null), code('expires_at', '>', now)]));
}
