import type { Transaction } from 'kysely';
import { newId, type PlayerId, type RandomBytes, type SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { AuthError } from './auth-error.ts';
import type { CheckedProof } from './dpop/proofs.ts';
import { endSessions } from './end-sessions.ts';
import { isBanned } from './is-banned.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import type { AuthSchema, SessionEnd } from './schema.ts';

export interface SessionLimits {
  /** Seconds for which a refresh token may wait to be used. */
  readonly refreshSeconds: number;
  /** Seconds after which a session ends however much it is used. */
  readonly sessionSeconds: number;
  /** Live sessions of one player; a further sign-in ends the one unused for longest. */
  readonly sessionsPerPlayer: number;
  /** Used refresh tokens remembered for each session, to notice that one is used again. */
  readonly usedTokensPerSession: number;
  /** Seconds after its use for which a refresh token gives the same answer again; later it ends the session. */
  readonly graceSeconds: number;
  /** Seconds for which a session that is over is remembered. */
  readonly rememberedSeconds: number;
}

const daySeconds = 86_400;

export const sessionLimits: SessionLimits = {
  refreshSeconds: 30 * daySeconds,
  sessionSeconds: 180 * daySeconds,
  sessionsPerPlayer: 32,
  usedTokensPerSession: 1024,
  graceSeconds: 5,
  rememberedSeconds: 30 * daySeconds,
};

/** Sessions forgotten by one call, so that the write lock is held briefly. */
const forgottenAtOnce = 500;

export interface GrantedSession {
  readonly player: PlayerId;
  readonly name: string;
  readonly isGuest: boolean;
  readonly session: SessionId;
  readonly refreshToken: string;
  /** Unix milliseconds. */
  readonly refreshExpiresAt: number;
  /** When the session ends although it is used, Unix milliseconds. */
  readonly sessionExpiresAt: number;
  /** Thumbprint of the key that its tokens are bound to. */
  readonly boundTo: string | undefined;
}

export interface LiveSession {
  readonly name: string;
  readonly isGuest: boolean;
  /** When the account was made, Unix milliseconds. */
  readonly accountCreatedAt: number;
}

/** Times in Unix milliseconds. */
export interface ListedSession {
  readonly session: SessionId;
  /** What the player called the device. */
  readonly device: string | null;
  /** Where it was last heard of. */
  readonly address: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
}

export interface SessionsOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
  /** Read at each use. */
  readonly limits: SessionLimits;
  /** Seconds for which the refresh token of a guest may wait to be used; asked each time. */
  readonly guestSeconds?: () => number;
  /** Told, and waited for, when sessions have ended: the rest of this process hears of it before the player does. */
  readonly onEnd?: () => Promise<void>;
}

export interface SessionOfPlayer {
  readonly player: PlayerId;
  readonly session: SessionId;
}

/** What a player sees of a sign-in when choosing which one to end. */
export interface SignInPlace {
  /** What the player called it. */
  readonly device?: string | undefined;
  /** IPv4 or IPv6. */
  readonly address?: string | undefined;
}

interface AdoptedSession extends SessionOfPlayer {
  readonly device: string;
  /** Unix milliseconds. */
  readonly now: number;
  readonly expiresAt?: number;
}

interface NewSession {
  /** Thumbprint of the key that its tokens are to be bound to. */
  readonly boundTo?: string | undefined;
  readonly isGuest?: boolean;
}

export type LogoutScope = 'local' | 'others' | 'global';

/** Sign-ins: when they begin, go on, and end. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #refreshTokens: RefreshTokens;

  constructor(options: SessionsOptions) {
    this.#options = options;
    const { randomBytes, limits, guestSeconds = () => limits.refreshSeconds } = options;
    this.#refreshTokens = new RefreshTokens({ randomBytes, guestSeconds, limits });
  }

  async start(
    { player, name }: { readonly player: PlayerId; readonly name: string },
    { device, address, boundTo, isGuest = false }: SignInPlace & NewSession = {},
  ): Promise<GrantedSession> {
    const { store, clock, randomBytes, limits } = this.#options;
    const now = clock();
    const session = newId('session', randomBytes);
    const expiresAt = now + limits.sessionSeconds * 1000;
    const issued = await store.db.transaction().execute(async (transaction) => {
      const displaced = await this.#makeRoom(transaction, { player, now });
      await transaction
        .insertInto('sessions')
        .values({
          session,
          player,
          device: device ?? null,
          address: address ?? null,
          created_at: now,
          last_seen_at: now,
          expires_at: expiresAt,
          ended_at: null,
          ended_because: null,
          key_thumbprint: boundTo ?? null,
        })
        .execute();
      const token = await this.#refreshTokens.issue(transaction, {
        session,
        now,
        sessionExpiresAt: expiresAt,
        isGuest,
      });
      return { ...token, displaced };
    });
    const { text, expiresAt: refreshExpiresAt } = issued;
    const hasDisplaced = issued.displaced > 0;
    if (hasDisplaced) await this.#options.onEnd?.();
    const granted = { player, name, isGuest, session, refreshToken: text, refreshExpiresAt, boundTo };
    return { ...granted, sessionExpiresAt: expiresAt };
  }

  /** A session that tokens of somebody else stand for: it has no refresh token, and its id is given. */
  async adopt(
    transaction: Transaction<AuthSchema>,
    { player, session, device, now, expiresAt }: AdoptedSession,
  ): Promise<void> {
    await this.#makeRoom(transaction, { player, now });
    await transaction
      .insertInto('sessions')
      .values({
        session,
        player,
        device,
        address: null,
        created_at: now,
        last_seen_at: now,
        expires_at: expiresAt ?? now + this.#options.limits.sessionSeconds * 1000,
        ended_at: null,
        ended_because: null,
        key_thumbprint: null,
      })
      .execute();
  }

  /** Notes that a session is in use, so that it is not the one that makes room for others. */
  async seen(session: SessionId): Promise<void> {
    const { store, clock } = this.#options;
    await store.db
      .updateTable('sessions')
      .set({ last_seen_at: clock() })
      .where('session', '=', session)
      .execute();
  }

  /**
   * Goes on with a session; one that is bound to a key, for whoever has just proved to have it.
   * @throws AuthError `refresh_token_invalid`, `session_ended`, `invalid_dpop_proof`, `busy`
   */
  async refresh(
    refreshToken: string,
    { address, proof }: SignInPlace & { readonly proof?: CheckedProof | undefined } = {},
  ): Promise<GrantedSession> {
    const now = this.#options.clock();
    const outcome = await this.#options.store.db.transaction().execute(async (transaction) => {
      const rotation = await this.#refreshTokens.rotate(transaction, {
        token: refreshToken,
        now,
        provedBy: proof?.thumbprint,
      });
      if (rotation instanceof AuthError) return rotation;
      // After the token, so that strangers leave nothing behind; a proof used before takes the trade back.
      await proof?.spend(transaction);
      await transaction
        .updateTable('sessions')
        .set({ last_seen_at: now, ...(address !== undefined && { address }) })
        .where('session', '=', rotation.session)
        .execute();
      return rotation;
    });
    if (outcome instanceof AuthError) {
      if (outcome.because !== undefined) await this.#options.onEnd?.();
      throw outcome;
    }
    const { account, session, sessionExpiresAt, next, boundTo } = outcome;
    return {
      ...account,
      session,
      refreshToken: next.text,
      refreshExpiresAt: next.expiresAt,
      sessionExpiresAt,
      boundTo,
    };
  }

  /** One indexed query. @throws AuthError `session_ended`, with the reason where there is one */
  async requireLive({ player, session }: SessionOfPlayer): Promise<LiveSession> {
    const row = await this.#options.store.db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.player', 'sessions.player')
      .leftJoin('guests', 'guests.player', 'sessions.player')
      .select([
        'accounts.name',
        'guests.player as guest',
        'accounts.created_at',
        'accounts.disabled_at',
        'accounts.disabled_until',
        'sessions.expires_at',
        'sessions.ended_at',
        'sessions.ended_because',
      ])
      .where('sessions.session', '=', session)
      .where('sessions.player', '=', player)
      .executeTakeFirst();
    const now = this.#options.clock();
    if (row === undefined || Number(row.expires_at) <= now) throw new AuthError('session_ended');
    if (row.ended_at !== null) throw sessionEnded(row.ended_because ?? undefined);
    if (isBanned(row, now)) throw sessionEnded('banned');
    return { name: row.name, isGuest: row.guest !== null, accountCreatedAt: Number(row.created_at) };
  }

  /** Ends this session, all others of its player, or all. */
  async logout({ player, session }: SessionOfPlayer, scope: LogoutScope): Promise<void> {
    const { store, clock, onEnd } = this.#options;
    const now = clock();
    await store.db.transaction().execute(async (transaction) => {
      if (scope !== 'others') await endSessions(transaction, { session }, { now, because: 'logout' });
      if (scope !== 'local') {
        await endSessions(transaction, { player, except: session }, { now, because: 'logout_elsewhere' });
      }
    });
    await onEnd?.();
  }

  /** The live sessions of a player, the one used last first. */
  async list(player: PlayerId): Promise<readonly ListedSession[]> {
    const rows = await this.#options.store.db
      .selectFrom('sessions')
      .select(['session', 'device', 'address', 'created_at', 'last_seen_at', 'expires_at'])
      .where('player', '=', player)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', this.#options.clock())
      .orderBy('last_seen_at', 'desc')
      .execute();
    return rows.map((row) => ({
      session: row.session,
      device: row.device,
      address: row.address,
      createdAt: Number(row.created_at),
      lastSeenAt: Number(row.last_seen_at),
      expiresAt: Number(row.expires_at),
    }));
  }

  /** Ends one live session of a player, from another or from itself. @throws AuthError `session_unknown` */
  async end({ player, session }: SessionOfPlayer, from: SessionId): Promise<void> {
    const { store, clock, onEnd } = this.#options;
    const isTheirs = (await this.list(player)).some((each) => each.session === session);
    if (!isTheirs) throw new AuthError('session_unknown');
    const because = session === from ? 'logout' : 'logout_elsewhere';
    await store.db.transaction().execute(async (transaction) => {
      await endSessions(transaction, { session }, { now: clock(), because });
    });
    await onEnd?.();
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
  ): Promise<number> {
    const live = await transaction
      .selectFrom('sessions')
      .select('session')
      .where('player', '=', player)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .orderBy('last_seen_at', 'desc')
      .execute();
    const surplus = live.slice(this.#options.limits.sessionsPerPlayer - 1);
    for (const { session } of surplus)
      await endSessions(transaction, { session }, { now, because: 'displaced' });
    return surplus.length;
  }
}

function sessionEnded(because: SessionEnd | undefined): AuthError {
  return new AuthError('session_ended', because === undefined ? {} : { because });
}
