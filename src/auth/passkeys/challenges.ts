import type { Transaction } from 'kysely';
import { base64url, type PlayerId, type RandomBytes } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { networkDigest } from '../guessing/network-digest.ts';
import type { AuthSchema, PasskeyPurpose } from '../schema.ts';
import { digestOfToken } from '../tokens/opaque-token.ts';

/** Milliseconds to find the key, or the phone, and touch it (WebAuthn section 15.1 recommends five minutes at least). */
export const challengeMs = 300_000;
const challengeBytes = 32;

export interface ChallengeLimits {
  /** Open ones of one network; a further one takes the place of its oldest. */
  readonly perNetwork: number;
  /** Of all; the same. */
  readonly most: number;
}

const challengeLimits: ChallengeLimits = { perNetwork: 64, most: 10_000 };

export interface ChallengesOptions {
  readonly store: Store<AuthSchema>;
  readonly limits?: ChallengeLimits;
  /** Networks are kept under this key only. */
  readonly key: Buffer;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/** What a challenge was made for. */
export interface Challenged {
  readonly purpose: PasskeyPurpose;
  readonly rpId: string;
  /** Whose passkey it must be. */
  readonly player: PlayerId | null;
  /** Somebody in particular was asked for: with `player` null, one who does not exist. */
  readonly isNamed: boolean;
}

/**
 * What a passkey signs to show that it is here now (WebAuthn section 13.4.3): random, known to the store by its hash, so that any
 * process takes what another one gave out, good once and for minutes. Strangers may ask for them, so there is a bound for each
 * network and for all.
 */
export class Challenges {
  readonly #options: ChallengesOptions;

  constructor(options: ChallengesOptions) {
    this.#options = options;
  }

  async issue({ isNamed, rpId, ...challenged }: Challenged, address: string): Promise<string> {
    const { store, key, clock, randomBytes } = this.#options;
    const challenge = base64url(randomBytes(challengeBytes));
    const network = networkDigest(address, key);
    await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      await this.#makeRoom(transaction, { network, now });
      await transaction
        .insertInto('passkey_challenges')
        .values({
          ...challenged,
          digest: digestOfToken(challenge),
          rp_id: rpId,
          named: isNamed ? 1 : 0,
          network,
          created_at: now,
          expires_at: now + challengeMs,
        })
        .execute();
    });
    return challenge;
  }

  /** Uses a challenge up; `undefined` when it was not given out, or not any more. */
  async take(challenge: string): Promise<Challenged | undefined> {
    const { store, clock } = this.#options;
    const row = await store.db
      .deleteFrom('passkey_challenges')
      .where('digest', '=', digestOfToken(challenge))
      .returningAll()
      .executeTakeFirst();
    if (row === undefined || Number(row.expires_at) <= clock()) return undefined;
    return { purpose: row.purpose, rpId: row.rp_id, player: row.player, isNamed: row.named === 1 };
  }

  async forgetOld(): Promise<void> {
    const { store, clock } = this.#options;
    await store.db.deleteFrom('passkey_challenges').where('expires_at', '<=', clock()).execute();
  }

  async #makeRoom(
    transaction: Transaction<AuthSchema>,
    { network, now }: { readonly network: string; readonly now: number },
  ): Promise<void> {
    const { perNetwork, most } = this.#options.limits ?? challengeLimits;
    await transaction.deleteFrom('passkey_challenges').where('expires_at', '<=', now).execute();
    const newest = transaction
      .selectFrom('passkey_challenges')
      .select('digest')
      .orderBy('created_at', 'desc')
      .orderBy('digest')
      .limit(removedAtOnce);
    for (const surplus of [
      newest.where('network', '=', network).offset(perNetwork - 1),
      newest.offset(most - 1),
    ]) {
      await transaction.deleteFrom('passkey_challenges').where('digest', 'in', surplus).execute();
    }
  }
}

/** One is added at a time, so that taking away a few keeps up, even after a limit was lowered. */
const removedAtOnce = 16;
