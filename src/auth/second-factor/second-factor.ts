import type { Kysely } from 'kysely';
import type { PlayerId, RandomBytes } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { AuthError } from '../auth-error.ts';
import type { GuessGuard } from '../guessing/guess-guard.ts';
import { KeyEncryption } from '../key-encryption.ts';
import type { RecoveryCodes } from '../recovery/recovery-codes.ts';
import type { AuthSchema } from '../schema.ts';
import { base32, matchingStep, readTotpCode, totpSecretBytes } from './totp.ts';

export interface SecondFactorOptions {
  readonly store: Store<AuthSchema>;
  readonly codes: RecoveryCodes;
  readonly guard: GuessGuard;
  readonly encryption: KeyEncryption;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/** Whose code it is, and where it was typed. */
export interface CodeAttempt {
  readonly player: PlayerId;
  readonly address: string;
}

/**
 * The codes of an authenticator app, which a password then does not do without:
 *
 *     off ──enrol──▶ waiting ──confirm──▶ on ──disable──▶ off
 *              ▲────────┘ (enrolled again: another secret)
 *
 * A recovery code stands in for the app when the phone is lost. A passkey needs none of this: it is two factors by itself.
 */
export class SecondFactor {
  readonly #options: SecondFactorOptions;

  constructor(options: SecondFactorOptions) {
    this.#options = options;
  }

  async isOn(player: PlayerId): Promise<boolean> {
    const row = await this.#find(player);
    return row !== undefined && row.confirmed_at !== null;
  }

  /** A fresh secret, in base32, which counts once a code of it was shown. It is not given again. @throws AuthError `totp_on` */
  async enrol(player: PlayerId): Promise<string> {
    const { store, encryption, clock, randomBytes } = this.#options;
    const secret = Buffer.from(randomBytes(totpSecretBytes));
    const values = {
      secret: encryption.seal(secret.toString('base64url'), rowOf(player)),
      created_at: clock(),
    };
    const { numInsertedOrUpdatedRows } = await store.db
      .insertInto('totp_secrets')
      .values({ player, ...values, confirmed_at: null, last_step: null })
      .onConflict((conflict) =>
        conflict.column('player').doUpdateSet(values).where('totp_secrets.confirmed_at', 'is', null),
      )
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 0n) throw new AuthError('totp_on');
    return base32(secret);
  }

  /** Turns it on, by a code that shows that the app has the secret. @throws AuthError `totp_off`, `totp_on`, `second_factor_wrong` */
  async confirm({ player, address }: CodeAttempt, typed: string): Promise<void> {
    const { store, guard, clock } = this.#options;
    const row = await this.#find(player);
    if (row === undefined) throw new AuthError('totp_off');
    if (row.confirmed_at !== null) throw new AuthError('totp_on');
    await guard.run({ factorOf: player, address }, async () => {
      const now = clock();
      const code = readTotpCode(typed);
      const step =
        code === undefined
          ? undefined
          : matchingStep(this.#open(player, row.secret), { code, now, after: null });
      if (step === undefined) throw new AuthError('second_factor_wrong');
      await store.db.transaction().execute(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable('totp_secrets')
          .set({ confirmed_at: now, last_step: step })
          .where('player', '=', player)
          // Not one that was enrolled in the meantime, whose code nobody has shown.
          .where('secret', '=', row.secret)
          .where('confirmed_at', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows !== 1n) throw new AuthError('second_factor_wrong');
        await audit(transaction, { at: now, actor: 'player', action: 'totp.enable', subject: player });
      });
    });
  }

  async disable(player: PlayerId): Promise<void> {
    const { store, clock } = this.#options;
    await store.db.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('totp_secrets')
        .where('player', '=', player)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw new AuthError('totp_off');
      await audit(transaction, { at: clock(), actor: 'player', action: 'totp.disable', subject: player });
    });
  }

  /**
   * Takes a code of the app, or a recovery code, and uses it up. Six digits can be guessed, so wrong ones are counted for the
   * player; a recovery code cannot, so that a stranger's guesses never keep its owner out.
   *
   * @throws AuthError `second_factor_wrong`, `too_many_attempts`
   */
  async check({ player, address }: CodeAttempt, typed: string): Promise<void> {
    const { guard } = this.#options;
    const code = readTotpCode(typed);
    if (code !== undefined) {
      await guard.run({ factorOf: player, address }, async () => await this.#useCode(player, code));
      return;
    }
    await guard.run({ address }, async () => await this.#useRecoveryCode(player, typed));
    await guard.forgiveFactor(player);
  }

  async #useCode(player: PlayerId, code: string): Promise<void> {
    const { store, encryption, clock } = this.#options;
    const row = await this.#find(player);
    if (row === undefined || row.confirmed_at === null) throw new AuthError('second_factor_wrong');
    const step = matchingStep(this.#open(player, row.secret), {
      code,
      now: clock(),
      after: row.last_step === null ? null : Number(row.last_step),
    });
    if (step === undefined) throw new AuthError('second_factor_wrong');
    const isPlain = encryption.isOn && !KeyEncryption.isSealed(row.secret);
    const { numUpdatedRows } = await store.db
      .updateTable('totp_secrets')
      .set({
        last_step: step,
        // From before there was a key-encryption secret.
        ...(isPlain && { secret: encryption.seal(row.secret, rowOf(player)) }),
      })
      .where('player', '=', player)
      .where('secret', '=', row.secret)
      // The same code at two proxies at once: one of them is too late.
      .where((totp) => totp.or([totp('last_step', 'is', null), totp('last_step', '<', step)]))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new AuthError('second_factor_wrong');
  }

  async #useRecoveryCode(player: PlayerId, typed: string): Promise<void> {
    const { store, codes, clock } = this.#options;
    await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      if (!(await codes.redeem(transaction, { player, typed, now }))) {
        throw new AuthError('second_factor_wrong');
      }
      await audit(transaction, { at: now, actor: 'player', action: 'recovery.use', subject: player });
    });
  }

  #open(player: PlayerId, stored: string): Buffer {
    return Buffer.from(this.#options.encryption.open(stored, rowOf(player)), 'base64url');
  }

  async #find(player: PlayerId, db: Kysely<AuthSchema> = this.#options.store.db) {
    return await db.selectFrom('totp_secrets').selectAll().where('player', '=', player).executeTakeFirst();
  }
}

/** What an encrypted secret is bound to: in another player's row it does not open. */
function rowOf(player: PlayerId): string {
  return `totp ${player}`;
}
