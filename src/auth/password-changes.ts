import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { announcePlayerChange } from './announce-player-change.ts';
import { audit } from './audit-log.ts';
import { AuthError } from './auth-error.ts';
import { endSessions } from './end-sessions.ts';
import { unmarkGuest } from './guests/guest-mark.ts';
import { isBanned } from './is-banned.ts';
import { readPlayerName } from './names/player-name.ts';
import { removePasskeys } from './passkeys/passkeys.ts';
import type { PasswordHasher } from './passwords/password-hasher.ts';
import { checkNewPassword, type PasswordPolicy } from './passwords/password-policy.ts';
import { preparePassword } from './passwords/password-text.ts';
import { digestOfRecoveryCode } from './recovery/recovery-code.ts';
import type { RecoveryCodes } from './recovery/recovery-codes.ts';
import type { AccountRow, AuthSchema } from './schema.ts';
import type { SecondFactor } from './second-factor/second-factor.ts';

export interface PasswordChangesOptions {
  readonly store: Store<AuthSchema>;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly codes: RecoveryCodes;
  readonly secondFactor: SecondFactor;
  readonly clock: () => number;
  /** See SessionsOptions. */
  readonly onEnd?: () => Promise<void>;
}

/** How an account gets another password: by the one before, or by a recovery code. Either ends what was signed in with the old one. */
export class PasswordChanges {
  readonly #options: PasswordChangesOptions;

  constructor(options: PasswordChangesOptions) {
    this.#options = options;
  }

  /**
   * Changes the password of a player, and ends all the player's other sessions. `account` is the row that the player has just
   * proved to be theirs (ASVS 6.2.3).
   *
   * @throws AuthError `password_wrong` when it has changed since, `password_refused`, `busy`
   */
  async change({
    account: row,
    session,
    next,
  }: {
    readonly account: AccountRow;
    readonly session: SessionId;
    readonly next: string;
  }): Promise<void> {
    const { hasher, policy, store, clock, onEnd } = this.#options;
    const { player } = row;
    const prepared = preparePassword(next);
    checkNewPassword(prepared, { policy, name: row.name });
    const digest = await hasher.hash(prepared);
    await store.db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable('accounts')
        .set({ password_digest: digest })
        .where('player', '=', player)
        // Two changes at once: the second was allowed by a password that is none any more.
        .where('password_digest', '=', row.password_digest)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new AuthError('password_wrong');
      const now = clock();
      await endSessions(transaction, { player, except: session }, { now, because: 'password_changed' });
      await audit(transaction, { at: now, actor: 'player', action: 'password.change', subject: player });
    });
    await onEnd?.();
  }

  /**
   * Gives an account whose password is lost a new one, for a recovery code, which is used up. All sessions end. An unknown
   * name, a banned account and a wrong code get the same answer after the same work. Where a second factor is on, the recovery
   * code stands for the password only: it takes a code as well, of the app or another recovery code. Passkeys go: who comes this
   * way has none at hand, and whoever may have added one is out.
   *
   * @throws AuthError `recovery_refused`, `second_factor_needed`, `second_factor_wrong`, `password_refused`, `busy`
   */
  async recover({
    name,
    code,
    secondCode,
    next,
    address,
  }: {
    readonly name: string;
    readonly code: string;
    readonly secondCode: string | undefined;
    readonly next: string;
    readonly address: string;
  }): Promise<{
    readonly player: PlayerId;
    readonly name: string;
    readonly codesLeft: number;
    readonly passkeysRemoved: number;
  }> {
    const { hasher, policy, store, codes, secondFactor, clock, onEnd } = this.#options;
    const wanted = readPlayerName(name);
    const prepared = preparePassword(next);
    checkNewPassword(prepared, { policy, name: wanted.ok ? wanted.name : '' });
    const row = wanted.ok ? await this.#find('name', wanted.name) : undefined;
    const player = row === undefined || isBanned(row, clock()) ? nobody : row.player;
    if (!(await codes.isGood(store.db, { player, typed: code, now: clock() })) || row === undefined) {
      throw new AuthError('recovery_refused');
    }
    if (await secondFactor.isOn(player)) {
      if (secondCode === undefined) throw new AuthError('second_factor_needed');
      // One code does not do for both.
      if (isSameCode(code, secondCode)) throw new AuthError('second_factor_wrong');
      await secondFactor.check({ player, address }, secondCode);
    }
    // Hashing is for those who hold a code: nobody else can fill the queue from here.
    const digest = await hasher.hash(prepared);
    const outcome = await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      if (!(await codes.redeem(transaction, { player, typed: code, now }))) {
        throw new AuthError('recovery_refused');
      }
      await transaction
        .updateTable('accounts')
        .set({ password_digest: digest })
        .where('player', '=', player)
        .execute();
      await endSessions(transaction, { player }, { now, because: 'password_changed' });
      // An operator may have handed a guest the code.
      if (await unmarkGuest(transaction, player)) await announcePlayerChange(transaction, { player, now });
      await audit(transaction, { at: now, actor: 'player', action: 'password.recover', subject: player });
      const passkeysRemoved = await removePasskeys(transaction, player);
      return { codesLeft: await codes.left(transaction, player), passkeysRemoved };
    });
    await onEnd?.();
    return { player, name: row.name, ...outcome };
  }

  /** A fresh set of recovery codes in place of the old one. */
  async renewCodes(player: PlayerId): Promise<readonly string[]> {
    const { store, codes, clock } = this.#options;
    return await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      await audit(transaction, { at: now, actor: 'player', action: 'recovery.renew', subject: player });
      return await codes.issueSet(transaction, { player, now });
    });
  }

  /**
   * Asks a signed-in player for the password again.
   * @throws AuthError `password_wrong`, `password_refused`, `busy`, `session_ended`
   */
  async requirePassword({
    player,
    current,
  }: {
    readonly player: PlayerId;
    readonly current: string;
  }): Promise<AccountRow> {
    const row = await this.#find('player', player);
    if (row === undefined) throw new AuthError('session_ended');
    const { matches } = await this.#options.hasher.verify(preparePassword(current), row.password_digest);
    if (!matches) throw new AuthError('password_wrong');
    return row;
  }

  async #find(by: 'player' | 'name', value: string): Promise<AccountRow | undefined> {
    return await this.#options.store.db
      .selectFrom('accounts')
      .selectAll()
      .where(by, '=', value as never)
      .executeTakeFirst();
  }
}

function isSameCode(one: string, other: string): boolean {
  const digest = digestOfRecoveryCode(one);
  return digest !== undefined && digest === digestOfRecoveryCode(other);
}

/** No account has it, so that a look for its codes finds none. */
const nobody = '' as PlayerId;
