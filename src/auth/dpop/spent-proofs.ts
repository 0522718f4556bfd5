import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { AuthError } from '../auth-error.ts';
import type { AuthSchema } from '../schema.ts';

/** Proofs of one key that count at the same time, some minutes: far more than a client makes, far less than fills a disk. */
const perKeyMost = 600;
/** The same for all keys together. Beyond it new ones are refused: forgetting one would let it be used again. */
const mostInAll = 500_000;
/** Spent proofs after which those that are too old to be used again are deleted. */
const trimmedEvery = 256;

export interface SpentProof {
  /** RFC 7638 thumbprint of the key. */
  readonly thumbprint: string;
  readonly jti: string;
  /** Unix seconds after which the proof is refused anyway. */
  readonly goodUntil: number;
}

/**
 * Proofs that have been used (RFC 9449 section 11.1). They are kept in the store, so that one that was used at one process is
 * known at all others, and for as long as they could be used again.
 */
export class SpentProofs {
  readonly #clock: () => number;
  #spent = 0;
  #isFull = false;

  constructor({ clock }: { readonly clock: () => number }) {
    this.#clock = clock;
  }

  /**
   * Counts a proof as used, by an insert that only one can make.
   * @throws AuthError `invalid_dpop_proof` when it was used before, `busy` when too many are remembered
   */
  async spend(db: Kysely<AuthSchema>, { thumbprint, jti, goodUntil }: SpentProof): Promise<void> {
    const now = this.#clock();
    this.#spent += 1;
    if (this.#spent % trimmedEvery === 0) await this.forgetOld(db);
    if (this.#isFull || (await countOf(db, { thumbprint, now })) >= perKeyMost) {
      const detail = 'Too many proofs of possession were sent; try again in a minute.';
      throw new AuthError('busy', { rule: 'dpop.many', detail, retryAfterSeconds: 60 });
    }
    const digest = createHash('sha256').update(`${thumbprint}:${jti}`).digest('base64url');
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('spent_proofs')
      .values({ digest, thumbprint, good_until: goodUntil * 1000 })
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows !== 1n) throw new AuthError('invalid_dpop_proof', { rule: 'dpop.replayed' });
  }

  async forgetOld(db: Kysely<AuthSchema>): Promise<void> {
    await db.deleteFrom('spent_proofs').where('good_until', '<', this.#clock()).execute();
    this.#isFull = (await countOf(db, {})) >= mostInAll;
  }
}

async function countOf(
  db: Kysely<AuthSchema>,
  { thumbprint, now = 0 }: { readonly thumbprint?: string; readonly now?: number },
): Promise<number> {
  const { count } = await db
    .selectFrom('spent_proofs')
    .select(({ fn }) => fn.countAll().as('count'))
    .$if(thumbprint !== undefined, (query) => query.where('thumbprint', '=', thumbprint ?? ''))
    .$if(now > 0, (query) => query.where('good_until', '>=', now))
    .executeTakeFirstOrThrow();
  return Number(count);
}
