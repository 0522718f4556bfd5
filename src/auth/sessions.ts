import type { Transaction } from 'kysely';
import { newId, type PlayerId, type RandomBytes, type SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { AuthError } from './auth-error.ts';
import { endSession } from './end-session.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import type { AuthSchema } from './schema.ts';

export interface SessionLimits {
  /** Seconds for which a refresh token may wait to be used. */
  readonly refreshSeconds: number;
  /** Seconds after which a session ends however much it is used. */
  readonly sessionSeconds: number;
  /** Live sessions of one player; a further sign-in ends the one unused for longest. */
  readonly sessionsPerPlayer: number;
  /** Used refresh tokens remembered for each session, to notice that one is used again. */
  readonly usedTokensPerSession: number;
  /** Seconds for which a session that is over is remembered. */
  readonly rememberedSeconds: number;
}

const daySeconds = 86_400;

export const sessionLimits: SessionLimits = {
  refreshSeconds: 30 * daySeconds,
  sessionSeconds: 180 * daySeconds,
  sessionsPerPlayer: 32,
  usedTokensPerSession: 1024,
  rememberedSeconds: 30 * daySeconds,
};

/** Sessions forgotten by one call, so that the write lock is held briefly. */
const forgottenAtOnce = 500;

export interface GrantedSession {
  readonly player: PlayerId;
  readonly name: string;
  readonly session: SessionId;
  readonly refreshToken: string;
  /** Unix milliseconds. */
  readonly refreshExpiresAt: number;
}

export interface LiveSession {
  readonly name: string;
  /** When the account was made, Unix milliseconds. */
  readonly accountCreatedAt: number;
}

export interface SessionsOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
  readonly limits: SessionLimits;
}

export interface SessionOfPlayer {
  readonly player: PlayerId;
  readonly session: SessionId;
}

export type LogoutScope = 'local' | 'others' | 'global';

/** Sign-ins: when they begin, go on, and end. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #refreshTokens: RefreshTokens;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#refreshTokens = new RefreshTokens({ randomBytes: options.randomBytes, ...options.limits });
  }

  async start(
    { player, name }: { readonly player: PlayerId; readonly name: string },
    device: string | undefined,
  ): Promise<GrantedSession> {
    const { store, clock, randomBytes, limits } = this.#options;
    const now = clock();
    const session = newId('session', randomBytes);
    const expiresAt = now + limits.sessionSeconds * 1000;
    const issued = await store.db.transaction().execute(async (transaction) => {
      await this.#makeRoom(transaction, { player, now });
      await transaction
        .insertInto('sessions')
        .values({
          session,
          player,
          device: device ?? null,
          created_at: now,
          last_seen_at: now,
          expires_at: expiresAt,
          ended_at: null,
          ended_because: null,
        })
        .execute();
      return await this.#refreshTokens.issue(transaction, { session, now, sessionExpiresAt: expiresAt });
    });
    return { player, name, session, refreshToken: issued.text, refreshExpiresAt: issued.expiresAt };
  }

  /** Goes on with a session. @throws AuthError `refresh_token_invalid`, `session_ended` */
  async refresh(refreshToken: string): Promise<GrantedSession> {
    const now = this.#options.clock();
    const outcome = await this.#options.store.db.transaction().execute(async (transaction) => {
      const rotation = await this.#refreshTokens.rotate(transaction, { token: refreshToken, now });
      if (rotation instanceof AuthError) return rotation;
      await transaction
        .updateTable('sessions')
        .set({ last_seen_at: now })
        .where('session', '=', rotation.session)
        .execute();
      return rotation;
    });
    if (outcome instanceof AuthError) throw outcome;
    const { account, session, next } = outcome;
    return { ...account, session, refreshToken: next.text, refreshExpiresAt: next.expiresAt };
  }

  /** One indexed query. @throws AuthError `session_ended` */
  async requireLive({ player, session }: SessionOfPlayer): Promise<LiveSession> {
    const row = await this.#options.store.db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.player', 'sessions.player')
      .select(['accounts.name', 'accounts.created_at'])
      .where('sessions.session', '=', session)
      .where('sessions.player', '=', player)
      .where('sessions.ended_at', 'is', null)
      .where('sessions.expires_at', '>', this.#options.clock())
      .where('accounts.disabled_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) throw new AuthError('session_ended');
    return { name: row.name, accountCreatedAt: Number(row.created_at) };
  }

  /** Ends this session, all others of its player, or all. */
  async logout({ player, session }: SessionOfPlayer, scope: LogoutScope): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock();
    await store.db.transaction().execute(async (transaction) => {
      const live = transaction
        .updateTable('sessions')
        .where('player', '=', player)
        .where('ended_at', 'is', null);
      if (scope !== 'others') {
        await live.set({ ended_at: now, ended_because: 'logout' }).where('session', '=', session).execute();
      }
      if (scope !== 'local') {
        await live
          .set({ ended_at: now, ended_because: 'logout_elsewhere' })
          .where('session', '!=', session)
          .execute();
      }
    });
  }

  /** Deletes sessions that were over long ago, with their tokens. Gives how many; call again while that is not 0. */
  async forgetOld(): Promise<number> {
    const { store, clock, limits } = this.#options;
    const before = clock() - limits.rememberedSeconds * 1000;
    const old = store.db
      .selectFrom('sessions')
      .select('session')
      .where((row) => row.or([row('ended_at', '<', before), row('expires_at', '<', before)]))
      .limit(forgottenAtOnce);
    const { numDeletedRows } = await store.db
      .deleteFrom('sessions')
      .where('session', 'in', old)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  async #makeRoom(
    transaction: Transaction<AuthSchema>,
    { player, now }: { readonly player: PlayerId; readonly now: number },
  ): Promise<void> {
    const live = await transaction
      .selectFrom('sessions')
      .select('session')
      .where('player', '=', player)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('last_seen_at', 'desc')
      .execute();
    for (const { session } of live.slice(this.#options.limits.sessionsPerPlayer - 1)) {
      await endSession(transaction, { session, now, because: 'displaced' });
    }
  }
}
