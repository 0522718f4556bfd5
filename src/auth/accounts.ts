import { newId, type PlayerId, type RandomBytes } from '../protocol/ids.ts';
import { isUniqueViolation, type Store } from '../store/index.ts';
import { AuthError } from './auth-error.ts';
import { isBanned } from './is-banned.ts';
import { preparePlayerName, readPlayerName } from './names/player-name.ts';
import type { PasswordHasher } from './passwords/password-hasher.ts';
import { checkNewPassword, type PasswordPolicy } from './passwords/password-policy.ts';
import { type PreparedPassword, preparePassword } from './passwords/password-text.ts';
import type { RecoveryCodes } from './recovery/recovery-codes.ts';
import type { AccountRow, AuthSchema } from './schema.ts';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface Account {
  readonly player: PlayerId;
  readonly name: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface AccountsOptions {
  readonly store: Store<AuthSchema>;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly codes: RecoveryCodes;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

export interface NewAccount extends Account {
  /** To be shown to the player, now and never again. */
  readonly recoveryCodes: readonly string[];
}

/** Who plays here, known by name and password. */
export class Accounts {
  readonly #options: AccountsOptions;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** @throws AuthError `name_refused`, `password_refused`, `name_taken`, `busy` */
  async register({ name, password }: Credentials): Promise<NewAccount> {
    const { store, hasher, policy, codes, clock, randomBytes } = this.#options;
    const wanted = preparePlayerName(name);
    const prepared = preparePassword(password);
    checkNewPassword(prepared, { policy, name: wanted.name });
    if (await this.#isTaken(wanted)) throw new AuthError('name_taken');
    const account = { player: newId('player', randomBytes), name: wanted.name, createdAt: clock() };
    const row: AccountRow = {
      player: account.player,
      name: wanted.name,
      name_skeleton: wanted.skeleton,
      password_digest: await hasher.hash(prepared),
      created_at: account.createdAt,
      disabled_at: null,
      disabled_until: null,
      disabled_reason: null,
    };
    try {
      const recoveryCodes = await store.db.transaction().execute(async (transaction) => {
        await transaction.insertInto('accounts').values(row).execute();
        return await codes.issueSet(transaction, { player: row.player, now: row.created_at });
      });
      return { ...account, recoveryCodes };
    } catch (error) {
      // Somebody registered it while the password was being hashed.
      if (isUniqueViolation(error)) throw new AuthError('name_taken');
      throw error;
    }
  }

  /**
   * The account that a name and a password open. A wrong password, an unknown name, an impossible name and a disabled
   * account get the same answer after the same work.
   *
   * @throws AuthError `credentials_wrong`, `password_refused` (for text that can be nobody's password), `busy`
   */
  async authenticate({ name, password }: Credentials): Promise<Account> {
    const prepared = preparePassword(password);
    const wanted = readPlayerName(name);
    const row = wanted.ok ? await this.#find(wanted.name) : undefined;
    const { matches, weak } = await this.#options.hasher.verify(prepared, row?.password_digest);
    if (row === undefined || !matches || isBanned(row, this.#options.clock())) {
      throw new AuthError('credentials_wrong');
    }
    if (weak) await this.#strengthen(row, prepared);
    return { player: row.player, name: row.name, createdAt: Number(row.created_at) };
  }

  async #isTaken({ name, skeleton }: { readonly name: string; readonly skeleton: string }): Promise<boolean> {
    const row = await this.#options.store.db
      .selectFrom('accounts')
      .select('player')
      .where((account) => account.or([account('name', '=', name), account('name_skeleton', '=', skeleton)]))
      .executeTakeFirst();
    return row !== undefined;
  }

  async #find(name: string): Promise<AccountRow | undefined> {
    return await this.#options.store.db
      .selectFrom('accounts')
      .selectAll()
      .where('name', '=', name)
      .executeTakeFirst();
  }

  /** Hashes the password that has just proved right at today's cost. Signing in does not fail because of it. */
  async #strengthen(row: AccountRow, password: PreparedPassword): Promise<void> {
    let digest: string;
    try {
      digest = await this.#options.hasher.hash(password);
    } catch (error) {
      if (error instanceof AuthError && error.code === 'busy') return;
      throw error;
    }
    await this.#options.store.db
      .updateTable('accounts')
      .set({ password_digest: digest })
      .where('player', '=', row.player)
      // Not over a password that was changed in the meantime.
      .where('password_digest', '=', row.password_digest)
      .execute();
  }
}
