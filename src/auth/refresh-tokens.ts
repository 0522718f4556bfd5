import type { Transaction } from 'kysely';
import type { RandomBytes, SessionId } from '../protocol/ids.ts';
import { AuthError } from './auth-error.ts';
import { endSessions } from './end-sessions.ts';
import { isBanned } from './is-banned.ts';
import type { AccountRow, AuthSchema } from './schema.ts';
import type { SessionLimits } from './sessions.ts';
import { digestOfToken, newOpaqueToken } from './tokens/opaque-token.ts';
import { openToken, sealToken } from './tokens/sealed-token.ts';

export interface RefreshTokensOptions {
  readonly randomBytes: RandomBytes;
  /** Read at each use. */
  readonly limits: Pick<SessionLimits, 'refreshSeconds' | 'usedTokensPerSession' | 'graceSeconds'>;
  /** Seconds for which a guest's token may wait, where that is less; asked each time. */
  readonly guestSeconds: () => number;
}

interface Occasion {
  readonly session: SessionId;
  /** Unix milliseconds. */
  readonly now: number;
  readonly sessionExpiresAt: number;
  readonly isGuest: boolean;
}

export interface IssuedRefreshToken {
  readonly text: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

export interface Rotation {
  readonly account: Pick<AccountRow, 'player' | 'name'> & { readonly isGuest: boolean };
  readonly session: SessionId;
  /** Unix milliseconds. */
  readonly sessionExpiresAt: number;
  readonly next: IssuedRefreshToken;
  /** Thumbprint of the key that the session is bound to. */
  readonly boundTo: string | undefined;
}

/**
 * The refresh tokens of sessions, each session a family in which only the newest token counts:
 *
 *     issued ──rotate──▶ used ──rotate, within the grace──▶ the same answer again
 *        │                 └───rotate, later──────────────▶ the session ends
 *        └──expires──▶ refused
 *
 * The grace is for a client whose answer was lost, and for tabs that refresh at once: all get one and the same successor, so
 * that the family never has two. Every step runs inside a transaction of the caller.
 */
export class RefreshTokens {
  readonly #options: RefreshTokensOptions;

  constructor(options: RefreshTokensOptions) {
    this.#options = options;
  }

  async issue(transaction: Transaction<AuthSchema>, occasion: Occasion): Promise<IssuedRefreshToken> {
    return await this.#keep(transaction, newOpaqueToken('refresh', this.#options.randomBytes), occasion);
  }

  async #keep(
    transaction: Transaction<AuthSchema>,
    text: string,
    { session, now, sessionExpiresAt, isGuest }: Occasion,
  ): Promise<IssuedRefreshToken> {
    const { limits, guestSeconds } = this.#options;
    const { refreshSeconds } = limits;
    const seconds = isGuest ? Math.min(guestSeconds(), refreshSeconds) : refreshSeconds;
    const expiresAt = Math.min(now + seconds * 1000, sessionExpiresAt);
    await transaction
      .insertInto('refresh_tokens')
      .values({
        digest: digestOfToken(text),
        session,
        issued_at: now,
        expires_at: expiresAt,
        used_at: null,
        sealed_next: null,
      })
      .execute();
    return { text, expiresAt };
  }

  /**
   * Trades a token for the next one. A refusal comes back as a value: thrown, it would undo the end of the session that a
   * reused token brings about. `provedBy` is the thumbprint of the key that the client has proved to have; a session that is
   * bound to none is bound to this one from now on.
   */
  async rotate(
    transaction: Transaction<AuthSchema>,
    {
      token,
      now,
      provedBy,
    }: { readonly token: string; readonly now: number; readonly provedBy: string | undefined },
  ): Promise<Rotation | AuthError> {
    const row = await find(transaction, digestOfToken(token));
    if (row === undefined) return new AuthError('refresh_token_invalid');
    const { session, player, name } = row;
    const isGuest = row.guest !== null;
    const sessionExpiresAt = Number(row.session_expires_at);
    if (row.ended_at !== null || isBanned(row, now) || sessionExpiresAt <= now) {
      return new AuthError('session_ended');
    }
    // Before anything of the family is touched: whoever lacks the key can neither use it nor end it.
    const boundTo = row.key_thumbprint ?? undefined;
    if (boundTo !== undefined && provedBy !== boundTo) {
      const rule = provedBy === undefined ? 'dpop.missing' : 'dpop.key';
      return new AuthError('invalid_dpop_proof', { rule });
    }
    if (row.used_at === null && Number(row.expires_at) <= now) return new AuthError('refresh_token_invalid');
    const next =
      (row.used_at === null
        ? await this.#trade(transaction, token, { session, now, sessionExpiresAt, isGuest })
        : undefined) ?? (await this.#tradedFor(transaction, { token, now }));
    if (next === undefined) {
      // Two parties hold the family and nobody can tell which is the player, so it ends for both (RFC 9700 section 4.14.2).
      await endSessions(transaction, { session }, { now, because: 'refresh_token_reused' });
      return new AuthError('session_ended', { rule: 'refresh.reused', because: 'refresh_token_reused' });
    }
    if (boundTo === undefined && provedBy !== undefined) await bind(transaction, session, provedBy);
    const account = { player, name, isGuest };
    return { account, session, sessionExpiresAt, next, boundTo: boundTo ?? provedBy };
  }

  /** `undefined` when another process, which has read the token as unused too, was faster. */
  async #trade(
    transaction: Transaction<AuthSchema>,
    token: string,
    occasion: Occasion,
  ): Promise<IssuedRefreshToken | undefined> {
    const { now } = occasion;
    const text = newOpaqueToken('refresh', this.#options.randomBytes);
    const digest = digestOfToken(token);
    const sealed = sealToken(text, { under: token, randomBytes: this.#options.randomBytes });
    const claimed = await transaction
      .updateTable('refresh_tokens')
      .set({ used_at: now, sealed_next: sealed })
      .where('digest', '=', digest)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    if (claimed.numUpdatedRows !== 1n) return undefined;
    await this.#tidy(transaction, occasion);
    return await this.#keep(transaction, text, occasion);
  }

  /**
   * What a used token was traded for, within the grace. When that has been traded in turn, within its own grace, the newest:
   * a tab that is late by two refreshes is no thief. Each step needs the token before it, so only its holder gets along.
   */
  async #tradedFor(
    transaction: Transaction<AuthSchema>,
    { token, now }: { readonly token: string; readonly now: number },
  ): Promise<IssuedRefreshToken | undefined> {
    let text = token;
    for (let step = 0; step < stepsMost; step += 1) {
      const found = await find(transaction, digestOfToken(text));
      if (found === undefined) return undefined;
      if (found.used_at === null) return { text, expiresAt: Number(found.expires_at) };
      if (found.sealed_next === null || now - Number(found.used_at) > this.#graceMs) return undefined;
      const next = openToken(found.sealed_next, { under: text });
      if (next === undefined) return undefined;
      text = next;
    }
    return undefined;
  }

  get #graceMs(): number {
    return this.#options.limits.graceSeconds * 1000;
  }

  /** Forgets sealed answers that nobody may ask for any more, and the used tokens beyond the number remembered. */
  async #tidy(
    transaction: Transaction<AuthSchema>,
    { session, now }: Pick<Occasion, 'session' | 'now'>,
  ): Promise<void> {
    await transaction
      .updateTable('refresh_tokens')
      .set({ sealed_next: null })
      .where('session', '=', session)
      .where('sealed_next', 'is not', null)
      .where('used_at', '<', now - this.#graceMs)
      .execute();
    await this.#forgetOldest(transaction, session);
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
      .offset(this.#options.limits.usedTokensPerSession);
    await transaction.deleteFrom('refresh_tokens').where('digest', 'in', surplus).execute();
  }
}

/** One rotation adds one token, so that taking away a few keeps up, even after the limit was lowered. */
const forgottenAtOnce = 16;
/** Trades followed within one grace; nobody honest makes so many in some seconds. */
const stepsMost = 16;

async function find(transaction: Transaction<AuthSchema>, digest: string) {
  return await transaction
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.session', 'refresh_tokens.session')
    .innerJoin('accounts', 'accounts.player', 'sessions.player')
    .leftJoin('guests', 'guests.player', 'sessions.player')
    .select([
      'guests.player as guest',
      'accounts.player',
      'accounts.name',
      'accounts.disabled_at',
      'accounts.disabled_until',
      'sessions.session',
      'sessions.ended_at',
      'sessions.expires_at as session_expires_at',
      'sessions.key_thumbprint',
      'refresh_tokens.expires_at',
      'refresh_tokens.used_at',
      'refresh_tokens.sealed_next',
    ])
    .where('refresh_tokens.digest', '=', digest)
    .executeTakeFirst();
}

async function bind(
  transaction: Transaction<AuthSchema>,
  session: SessionId,
  thumbprint: string,
): Promise<void> {
  await transaction
    .updateTable('sessions')
    .set({ key_thumbprint: thumbprint })
    .where('session', '=', session)
    .execute();
}
