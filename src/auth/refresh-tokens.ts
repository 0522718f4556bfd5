import type { Transaction } from 'kysely';
import type { RandomBytes, SessionId } from '../protocol/ids.ts';
import { AuthError } from './auth-error.ts';
import { endSession } from './end-session.ts';
import type { AccountRow, AuthSchema } from './schema.ts';
import { digestOfRefreshToken, newRefreshToken } from './tokens/refresh-token.ts';

export interface RefreshTokensOptions {
  readonly randomBytes: RandomBytes;
  /** Seconds for which a token may wait to be used. */
  readonly refreshSeconds: number;
  /** Used tokens remembered for each session, to notice that one is used again. */
  readonly usedTokensPerSession: number;
}

export interface IssuedRefreshToken {
  readonly text: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface Rotation {
  readonly account: Pick<AccountRow, 'player' | 'name'>;
  readonly session: SessionId;
  readonly next: IssuedRefreshToken;
}

/**
 * The refresh tokens of sessions, each session a family in which only the newest token counts:
 *
 *     issued ──rotate──▶ used ──rotate──▶ the session ends
 *        └──expires──▶ refused
 *
 * Every step runs inside a transaction of the caller.
 */
export class RefreshTokens {
  readonly #options: RefreshTokensOptions;

  constructor(options: RefreshTokensOptions) {
    this.#options = options;
  }

  async issue(
    transaction: Transaction<AuthSchema>,
    {
      session,
      now,
      sessionExpiresAt,
    }: { readonly session: SessionId; readonly now: number; readonly sessionExpiresAt: number },
  ): Promise<IssuedRefreshToken> {
    const text = newRefreshToken(this.#options.randomBytes);
    const expiresAt = Math.min(now + this.#options.refreshSeconds * 1000, sessionExpiresAt);
    await transaction
      .insertInto('refresh_tokens')
      .values({
        digest: digestOfRefreshToken(text),
        session,
        issued_at: now,
        expires_at: expiresAt,
        used_at: null,
      })
      .execute();
    return { text, expiresAt };
  }

  /**
   * Trades a token for the next one. A refusal comes back as a value: thrown, it would undo the end of the session that a
   * reused token brings about.
   */
  async rotate(
    transaction: Transaction<AuthSchema>,
    { token, now }: { readonly token: string; readonly now: number },
  ): Promise<Rotation | AuthError> {
    const digest = digestOfRefreshToken(token);
    const row = await find(transaction, digest);
    if (row === undefined) return new AuthError('refresh_token_invalid');
    const { session, player, name } = row;
    const sessionExpiresAt = Number(row.session_expires_at);
    if (row.ended_at !== null || row.disabled_at !== null || sessionExpiresAt <= now) {
      return new AuthError('session_ended');
    }
    if (row.used_at !== null) return await this.#refuseReuse(transaction, { session, now });
    if (Number(row.expires_at) <= now) return new AuthError('refresh_token_invalid');
    // The condition decides between two processes that have both read the token as unused.
    const claimed = await transaction
      .updateTable('refresh_tokens')
      .set({ used_at: now })
      .where('digest', '=', digest)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    if (claimed.numUpdatedRows !== 1n) return await this.#refuseReuse(transaction, { session, now });
    await this.#forgetOldest(transaction, session);
    const next = await this.issue(transaction, { session, now, sessionExpiresAt });
    return { account: { player, name }, session, next };
  }

  /**
   * The one place that says what a used token means when it comes again; a grace window for an answer that was lost belongs
   * here. Two parties hold the family and nobody can tell which is the player, so it ends for both (RFC 9700 section 4.14.2).
   */
  async #refuseReuse(
    transaction: Transaction<AuthSchema>,
    { session, now }: { readonly session: SessionId; readonly now: number },
  ): Promise<AuthError> {
    await endSession(transaction, { session, now, because: 'refresh_token_reused' });
    return new AuthError('session_ended', { rule: 'refresh.reused' });
  }

  async #forgetOldest(transaction: Transaction<AuthSchema>, session: SessionId): Promise<void> {
    const surplus = transaction
      .selectFrom('refresh_tokens')
      .select('digest')
      .where('session', '=', session)
      .where('used_at', 'is not', null)
      .orderBy('used_at', 'desc')
      .orderBy('digest')
      .limit(forgottenAtOnce)
      .offset(this.#options.usedTokensPerSession);
    await transaction.deleteFrom('refresh_tokens').where('digest', 'in', surplus).execute();
  }
}

/** One rotation adds one token, so that taking away a few keeps up, even after the limit was lowered. */
const forgottenAtOnce = 16;

async function find(transaction: Transaction<AuthSchema>, digest: string) {
  return await transaction
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.session', 'refresh_tokens.session')
    .innerJoin('accounts', 'accounts.player', 'sessions.player')
    .select([
      'accounts.player',
      'accounts.name',
      'accounts.disabled_at',
      'sessions.session',
      'sessions.ended_at',
      'sessions.expires_at as session_expires_at',
      'refresh_tokens.expires_at',
      'refresh_tokens.used_at',
    ])
    .where('refresh_tokens.digest', '=', digest)
    .executeTakeFirst();
}
