import { createHash } from 'node:crypto';
import type { Transaction } from 'kysely';
import { newId, type PlayerId, type RandomBytes, type SessionId } from '../../protocol/ids.ts';
import { isUniqueViolation, type Store } from '../../store/index.ts';
import { AuthError } from '../auth-error.ts';
import { guestName } from '../guests/guest-names.ts';
import { type PlayerName, preparePlayerName } from '../names/player-name.ts';
import type { AuthSchema } from '../schema.ts';
import type { Sessions } from '../sessions.ts';
import { nameFromClaim, numberedName } from './name-from-claim.ts';
import { deletionOf } from './outside-deletions.ts';
import type { OutsideClaims } from './outside-tokens.ts';

export interface OutsidePlayersOptions {
  readonly store: Store<AuthSchema>;
  readonly sessions: Sessions;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/** Names tried with a number after them, before one is made up. */
const numberedTries = 20;
const tries = 40;
/**
 * Milliseconds by which a token must be younger than the end of the session that its sign-in had here, to begin another one: as
 * far as clocks may differ, so that no token of before gets back in.
 */
const leewayMs = 60_000;
/** Milliseconds after which a session counts as seen again, about as often as one of ours is by refreshing. */
const seenMs = 600_000;

/** Who they are here whom outside issuers vouch for, and the sessions that govern what their tokens may do. */
export class OutsidePlayers {
  readonly #options: OutsidePlayersOptions;

  constructor(options: OutsidePlayersOptions) {
    this.#options = options;
  }

  /**
   * The player behind an issuer's subject, the same for ever, and the session of the sign-in that the token is from. Both are
   * made when they come for the first time. Whether they may do anything is asked of the session, as for everybody.
   */
  async settle(claims: OutsideClaims): Promise<{ readonly player: PlayerId; readonly session: SessionId }> {
    const player = (await this.#find(claims)) ?? (await this.#make(claims));
    return { player, session: await this.#sessionOf(player, claims) };
  }

  async #find({ issuer, subject }: OutsideClaims): Promise<PlayerId | undefined> {
    const row = await this.#options.store.db
      .selectFrom('outside_identities')
      .select('player')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row?.player;
  }

  async #make(claims: OutsideClaims): Promise<PlayerId> {
    const { store, clock, randomBytes } = this.#options;
    const { issuer, subject } = claims;
    const deletedAt = await deletionOf(store.db, claims);
    // A token from before the account was deleted is not a wish for another one.
    if (deletedAt !== undefined && claims.issuedAt * 1000 <= deletedAt + leewayMs) {
      throw new AuthError('session_ended', { because: 'account_deleted' });
    }
    const wanted = nameFromClaim(claims.wantedName);
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const name = this.#nameFor(wanted, attempt);
      if (name === undefined) continue;
      const player = newId('player', randomBytes);
      try {
        await store.db.transaction().execute(async (transaction) => {
          await transaction
            .insertInto('accounts')
            .values({
              player,
              name: name.name,
              name_skeleton: name.skeleton,
              password_digest: '',
              created_at: clock(),
              disabled_at: null,
              disabled_until: null,
              disabled_reason: null,
            })
            .execute();
          await transaction.insertInto('outside_identities').values({ issuer, subject, player }).execute();
        });
        return player;
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        // The name is somebody's, or another token of the same player was faster.
        const known = await this.#find(claims);
        if (known !== undefined) return known;
      }
    }
    throw new AuthError('internal', { cause: new Error('No free name was found.') });
  }

  #nameFor(wanted: PlayerName | undefined, attempt: number): PlayerName | undefined {
    if (wanted === undefined || attempt > numberedTries)
      return preparePlayerName(guestName(this.#options.randomBytes));
    return attempt === 0 ? wanted : numberedName(wanted, attempt + 1);
  }

  async #sessionOf(player: PlayerId, claims: OutsideClaims): Promise<SessionId> {
    const { store, sessions, clock, randomBytes } = this.#options;
    const digest = digestOf(claims);
    const known = await findSession(store.db, { digest, now: clock() });
    if (known !== undefined && !beginsAnew(known, claims)) {
      const session = sessionFor(known, claims);
      if (clock() - known.lastSeenAt >= seenMs) await sessions.seen(session);
      return session;
    }
    return await store.db.transaction().execute(async (transaction) => {
      // Of several tokens that come at once, one makes the session.
      const now = clock();
      const before = await findSession(transaction, { digest, now });
      if (before !== undefined && !beginsAnew(before, claims)) return sessionFor(before, claims);
      const session = newId('session', randomBytes);
      await sessions.adopt(transaction, {
        player,
        session,
        device: new URL(claims.issuer).host,
        // A session of one token ends with it; the clocks' leeway is the token's.
        ...(claims.signIn.by === 'token' && { expiresAt: claims.expiresAt * 1000 + leewayMs }),
        now,
      });
      // What was issued before the end stays with the session that has ended, although the sign-in goes on.
      const begun = {
        session,
        not_before: before?.overSince === undefined ? 0 : before.overSince + leewayMs,
      };
      await transaction
        .insertInto('outside_sessions')
        .values({ digest, ...begun })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet(begun))
        .execute();
      return session;
    });
  }
}

interface KnownSession {
  readonly session: SessionId;
  /** Unix milliseconds, as are all here. */
  readonly overSince: number | undefined;
  readonly notBefore: number;
  readonly lastSeenAt: number;
}

async function findSession(
  db: Store<AuthSchema>['db'] | Transaction<AuthSchema>,
  { digest, now }: { readonly digest: string; readonly now: number },
): Promise<KnownSession | undefined> {
  const row = await db
    .selectFrom('outside_sessions')
    .innerJoin('sessions', 'sessions.session', 'outside_sessions.session')
    .select([
      'sessions.session',
      'sessions.ended_at',
      'sessions.expires_at',
      'sessions.last_seen_at',
      'outside_sessions.not_before',
    ])
    .where('outside_sessions.digest', '=', digest)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const expiresAt = Number(row.expires_at);
  return {
    session: row.session,
    overSince: row.ended_at === null ? (expiresAt <= now ? expiresAt : undefined) : Number(row.ended_at),
    notBefore: Number(row.not_before),
    lastSeenAt: Number(row.last_seen_at),
  };
}

/**
 * Whether the session was ended here, or has lived as long as sessions may, and the issuer has vouched for its sign-in again since then: that is a new sign-in, as
 * typing the password again is. A token stands for itself alone, so its session never begins anew.
 */
function beginsAnew({ overSince }: KnownSession, { signIn, issuedAt }: OutsideClaims): boolean {
  return signIn.by === 'sid' && overSince !== undefined && issuedAt * 1000 > overSince + leewayMs;
}

/** @throws AuthError `session_ended` for a token of a session before this one */
function sessionFor({ session, notBefore }: KnownSession, { issuedAt }: OutsideClaims): SessionId {
  if (notBefore > 0 && issuedAt * 1000 <= notBefore) throw new AuthError('session_ended');
  return session;
}

/** By what the issuer says, never by the text of a token, which may have two spellings. */
function digestOf({ issuer, subject, signIn }: OutsideClaims): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, subject, signIn.by, signIn.id]))
    .digest('base64url');
}
