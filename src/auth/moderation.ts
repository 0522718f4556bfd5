import type { Transaction } from 'kysely';
import type { PlayerId, SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { audit } from './audit-log.ts';
import { endSessions } from './end-sessions.ts';
import { noteDeletion } from './issuers/outside-deletions.ts';
import { removePasskeys } from './passkeys/passkeys.ts';
import type { RecoveryCodes } from './recovery/recovery-codes.ts';
import type { AuthSchema } from './schema.ts';

export interface ModerationOptions {
  readonly store: Store<AuthSchema>;
  readonly codes: RecoveryCodes;
  readonly clock: () => number;
  /** Who does it, for the audit log: `operator:NAME` or `player`. */
  readonly actor: string;
  /** See SessionsOptions. */
  readonly onEnd?: () => Promise<void>;
}

export interface Ban {
  /** For the operator's own records. */
  readonly reason: string;
  /** Unix milliseconds; `undefined` for good. */
  readonly until: number | undefined;
}

/** What is done to accounts and sessions from above. Each act and its audit entry stand or fall together. */
export class Moderation {
  readonly #options: ModerationOptions;

  constructor(options: ModerationOptions) {
    this.#options = options;
  }

  /** Shuts an account and ends its sessions. A later ban replaces an earlier one. */
  async ban(player: PlayerId, { reason, until }: Ban): Promise<void> {
    await this.#act(async (transaction, { now, actor }) => {
      await transaction
        .updateTable('accounts')
        .set({ disabled_at: now, disabled_until: until ?? null, disabled_reason: reason })
        .where('player', '=', player)
        .execute();
      await endSessions(transaction, { player }, { now, because: 'banned' });
      const end = until === undefined ? 'for good' : `until ${new Date(until).toISOString()}`;
      await audit(transaction, {
        at: now,
        actor,
        action: 'user.ban',
        subject: player,
        detail: `${end}: ${reason}`,
      });
    });
  }

  async unban(player: PlayerId): Promise<void> {
    await this.#act(async (transaction, { now, actor }) => {
      await transaction
        .updateTable('accounts')
        .set({ disabled_at: null, disabled_until: null, disabled_reason: null })
        .where('player', '=', player)
        .execute();
      await audit(transaction, { at: now, actor, action: 'user.unban', subject: player });
    });
  }

  /** Ends one session, or all of a player. */
  async revoke(which: { readonly session: SessionId } | { readonly player: PlayerId }): Promise<void> {
    await this.#act(async (transaction, { now, actor }) => {
      await endSessions(transaction, which, { now, because: 'revoked' });
      const subject = 'session' in which ? which.session : which.player;
      await audit(transaction, { at: now, actor, action: 'session.revoke', subject });
    });
  }

  /**
   * Takes every way in away (password, passkeys, authenticator app, recovery codes), ends all sessions, and gives a code with which the
   * player, within a day, chooses a new password. The code opens the account once and never becomes the password.
   */
  async reset(player: PlayerId): Promise<{ readonly code: string; readonly expiresAt: number }> {
    return await this.#act(async (transaction, { now, actor }) => {
      await transaction
        .updateTable('accounts')
        .set({ password_digest: '' })
        .where('player', '=', player)
        .execute();
      await transaction.deleteFrom('totp_secrets').where('player', '=', player).execute();
      await removePasskeys(transaction, player);
      await endSessions(transaction, { player }, { now, because: 'revoked' });
      await audit(transaction, { at: now, actor, action: 'user.reset', subject: player });
      return await this.#options.codes.issueReset(transaction, { player, now });
    });
  }

  /**
   * Deletes an account with everything that says who it was: name, password, sessions, pseudonyms, and takes it out of the
   * database's files, too; where somebody reads them just then, keeping house does. What stays elsewhere under a pseudonym
   * leads back to nobody from then on.
   */
  async delete(player: PlayerId): Promise<void> {
    await this.#act(async (transaction, { now, actor }) => {
      await endSessions(transaction, { player }, { now, because: 'account_deleted' });
      await noteDeletion(transaction, { player, now });
      await transaction.deleteFrom('accounts').where('player', '=', player).execute();
      await audit(transaction, { at: now, actor, action: 'user.delete', subject: player });
    });
    // The account is deleted whatever becomes of this.
    await this.#options.store.purge().catch(() => false);
  }

  async #act<Result>(
    change: (
      transaction: Transaction<AuthSchema>,
      context: { readonly now: number; readonly actor: string },
    ) => Promise<Result>,
  ): Promise<Result> {
    const { store, clock, actor, onEnd } = this.#options;
    const result = await store.db
      .transaction()
      .execute(async (transaction) => await change(transaction, { now: clock(), actor }));
    await onEnd?.();
    return result;
  }
}
