import { createHmac } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Logger } from '../../process/logger.ts';
import { networksOf } from '../../process/networks-of.ts';
import { newId, type PlayerId, type RandomBytes } from '../../protocol/ids.ts';
import { isUniqueViolation, type Store } from '../../store/index.ts';
import type { Account, Credentials, NewAccount } from '../accounts.ts';
import { announcePlayerChange } from '../announce-player-change.ts';
import { audit } from '../audit-log.ts';
import { AuthError } from '../auth-error.ts';
import { preparePlayerName } from '../names/player-name.ts';
import type { PasswordHasher } from '../passwords/password-hasher.ts';
import { checkNewPassword, type PasswordPolicy } from '../passwords/password-policy.ts';
import { preparePassword } from '../passwords/password-text.ts';
import type { RecoveryCodes } from '../recovery/recovery-codes.ts';
import type { AuthSchema } from '../schema.ts';
import { isGuest, unmarkGuest } from './guest-mark.ts';
import { guestName } from './guest-names.ts';

export interface GuestRules {
  readonly allowed: boolean;
  /** Seconds after its last sign of life for which a guest is kept. */
  readonly keptSeconds: number;
  /** Guests of one address within an hour; a wide network (IPv6 /48) may have four times as many. */
  readonly perAddressAnHour: number;
  /** The same, of all that are kept. */
  readonly perAddress: number;
}

export const guestRules: GuestRules = {
  allowed: true,
  keptSeconds: 14 * 86_400,
  // A class that sits down together, twice over.
  perAddressAnHour: 60,
  perAddress: 300,
};

export interface GuestsOptions {
  readonly store: Store<AuthSchema>;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly codes: RecoveryCodes;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
  /** Addresses are kept under this key only. */
  readonly key: Buffer;
  /** Asked each time, so that they can change. */
  readonly rules: () => GuestRules;
  /** See SessionsOptions. */
  readonly onChange: () => Promise<void>;
  readonly logger: Logger;
}

const hourMs = 3_600_000;
const wideFactor = 4;
/** Tries to find a free name among four million. */
const nameTries = 8;
/** Guests deleted by one statement, so that the write lock is held briefly. */
const sweptAtOnce = 200;

/**
 * Players without a password: an account like any other, with a mark beside it that goes when the player chooses a name and a
 * password. What the account has done, and whoever is signed in to it, stays.
 */
export class Guests {
  readonly #options: GuestsOptions;

  constructor(options: GuestsOptions) {
    this.#options = options;
  }

  /**
   * Makes a guest, under a name that is free when none is given.
   * @throws AuthError `guests_refused`, `name_refused`, `name_taken`, `too_many_guests`
   */
  async admit({
    name,
    address,
  }: {
    readonly name?: string | undefined;
    readonly address: string;
  }): Promise<Account> {
    const { rules, randomBytes } = this.#options;
    if (!rules().allowed) throw new AuthError('guests_refused');
    if (name !== undefined) return await this.#insert(preparePlayerName(name), address);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#insert(preparePlayerName(guestName(randomBytes)), address);
      } catch (error) {
        const isTaken = error instanceof AuthError && error.code === 'name_taken';
        if (!isTaken || attempt === nameTries) throw error;
      }
    }
  }

  /**
   * Makes an account of a guest in place: same player, same pseudonyms, same sessions.
   * @throws AuthError `not_a_guest`, `name_refused`, `password_refused`, `name_taken`, `busy`
   */
  async upgrade(player: PlayerId, { name, password }: Credentials): Promise<NewAccount> {
    const { store, hasher, policy, codes, clock, onChange } = this.#options;
    const wanted = preparePlayerName(name);
    const prepared = preparePassword(password);
    checkNewPassword(prepared, { policy, name: wanted.name });
    // Before the work of hashing, which a guest could ask for without end.
    if (!(await isGuest(store.db, player))) throw new AuthError('not_a_guest');
    const digest = await hasher.hash(prepared);
    try {
      const upgraded = await store.db.transaction().execute(async (transaction) => {
        const now = clock();
        // Of two upgrades at once one takes the mark away; there is nothing left for the other.
        if (!(await unmarkGuest(transaction, player))) throw new AuthError('not_a_guest');
        const { created_at: createdAt } = await transaction
          .updateTable('accounts')
          .set({ name: wanted.name, name_skeleton: wanted.skeleton, password_digest: digest })
          .where('player', '=', player)
          .returning('created_at')
          .executeTakeFirstOrThrow();
        await announcePlayerChange(transaction, { player, now });
        await audit(transaction, { at: now, actor: 'player', action: 'guest.upgrade', subject: player });
        const recoveryCodes = await codes.issueSet(transaction, { player, now });
        return { player, name: wanted.name, createdAt: Number(createdAt), recoveryCodes };
      });
      await onChange();
      return upgraded;
    } catch (error) {
      if (isUniqueViolation(error)) throw new AuthError('name_taken');
      throw error;
    }
  }

  /** Deletes guests that have not been seen for too long, some at a time. */
  async sweepAll(): Promise<void> {
    let swept = 0;
    for (let some = sweptAtOnce; some === sweptAtOnce; swept += some) some = await this.#sweepSome();
    if (swept > 0) this.#options.logger.info({ swept }, 'abandoned guests deleted');
  }

  async #sweepSome(): Promise<number> {
    const { store, clock, rules } = this.#options;
    const before = clock() - rules().keptSeconds * 1000;
    const abandoned = store.db
      .selectFrom('guests')
      .select('guests.player')
      .where('guests.made_at', '<', before)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('sessions')
              .select('sessions.session')
              .whereRef('sessions.player', '=', 'guests.player')
              .where('sessions.last_seen_at', '>=', before),
          ),
        ),
      )
      .limit(sweptAtOnce);
    const { numDeletedRows } = await store.db
      .deleteFrom('accounts')
      .where('player', 'in', abandoned)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  async #insert(
    { name, skeleton }: { readonly name: string; readonly skeleton: string },
    address: string,
  ): Promise<Account> {
    const { store, clock, randomBytes } = this.#options;
    const player = newId('player', randomBytes);
    const now = clock();
    const networks = this.#networksOf(address);
    try {
      await store.db.transaction().execute(async (transaction) => {
        await this.#requireRoom(transaction, { networks, now });
        await transaction
          .insertInto('accounts')
          .values({
            player,
            name,
            name_skeleton: skeleton,
            password_digest: '',
            created_at: now,
            disabled_at: null,
            disabled_until: null,
            disabled_reason: null,
          })
          .execute();
        await transaction
          .insertInto('guests')
          .values({ player, made_at: now, ...networks })
          .execute();
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new AuthError('name_taken');
      throw error;
    }
    return { player, name, createdAt: now };
  }

  async #requireRoom(
    transaction: Transaction<AuthSchema>,
    { networks, now }: { readonly networks: GuestNetworks; readonly now: number },
  ): Promise<void> {
    const { perAddress, perAddressAnHour } = this.#options.rules();
    for (const [column, factor] of [
      ['site', 1],
      ['wide', wideFactor],
    ] as const) {
      const network = networks[column];
      if (network === null) continue;
      const { kept, recent, oldest } = await transaction
        .selectFrom('guests')
        .select([
          sql<number>`count(*)`.as('kept'),
          sql<number>`count(case when made_at > ${now - hourMs} then 1 end)`.as('recent'),
          sql<number | null>`min(case when made_at > ${now - hourMs} then made_at end)`.as('oldest'),
        ])
        .where(column, '=', network)
        .executeTakeFirstOrThrow();
      if (Number(kept) >= perAddress * factor) throw tooMany(hourMs);
      if (Number(recent) >= perAddressAnHour * factor) throw tooMany(Number(oldest) + hourMs - now);
    }
  }

  #networksOf(address: string): GuestNetworks {
    const networks: { site: string; wide: string | null } = { site: '', wide: null };
    for (const { size, prefix } of networksOf(address)) {
      networks[size] = createHmac('sha256', this.#options.key)
        .update(`castling guest 1:${size}:${prefix}`)
        .digest('base64url');
    }
    return networks;
  }
}

interface GuestNetworks {
  readonly site: string;
  readonly wide: string | null;
}

function tooMany(waitMs: number): AuthError {
  return new AuthError('too_many_guests', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) });
}
