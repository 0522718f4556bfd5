import type { IncomingMessage } from 'node:http';
import { type Auth, AuthError, type Session } from '../../../../auth/index.ts';
import { BoundedCache } from '../../../../process/bounded-cache.ts';
import { shownToken } from '../../../http/shown-token.ts';
import { realmOf } from '../../route-realm.ts';
import { readPassCookie } from './pass-cookie.ts';
import type { Visitor } from './visitor.ts';

export interface VisitorsOptions {
  readonly auth: Pick<
    Auth,
    'verifyAccessToken' | 'verifyRouteToken' | 'pseudonymOf' | 'onSessionEnd' | 'onPlayerChanged'
  >;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/** Milliseconds for which a token that was checked counts, unless the end of its session is announced. */
const checkedMs = 1_000;
/** Tokens remembered as verified. */
const rememberedMost = 10_000;

interface Remembered {
  readonly visitor: Visitor;
  /** Unix milliseconds. */
  readonly checkedAt: number;
}

/**
 * Finds out who asks. A page's many requests show the same cookie within a moment: it is checked once a second, its signature as
 * well as its session. So one whose session ends is refused within that time even if the word of it gets lost, and so is one
 * whose key or issuer does not count any more.
 */
export class Visitors {
  readonly #auth: VisitorsOptions['auth'];
  readonly #now: () => number;
  /** By route and token. */
  readonly #remembered = new BoundedCache<string, Remembered>(rememberedMost);

  constructor({ auth, now = Date.now }: VisitorsOptions) {
    this.#auth = auth;
    this.#now = now;
    auth.onSessionEnd(({ session }) =>
      this.#remembered.deleteWhere(({ visitor }) => visitor.session === session),
    );
    // Their name, or a guest who has got an account: who may come in is asked by what they are now.
    auth.onPlayerChanged((player) =>
      this.#remembered.deleteWhere(({ visitor }) => visitor.player === player),
    );
  }

  /**
   * The player who asks; `undefined` for who shows nothing.
   *
   * @throws AuthError for a token or a cookie that does not count
   */
  async find(request: IncomingMessage, route: string): Promise<Visitor | undefined> {
    const shown = shownToken(request);
    if (shown === 'invalid') throw new AuthError('token_missing');
    if (shown !== 'none') {
      const { token, proof } = shown;
      // A proof is for one request; what it proves is not remembered.
      if (proof !== undefined) {
        return await this.#verified('token', route, () => this.#auth.verifyAccessToken(shown));
      }
      return await this.#visitor(`t ${route} ${token}`, 'token', route, () =>
        this.#auth.verifyAccessToken({ token }),
      );
    }
    const pass = readPassCookie(request.headers.cookie, route);
    if (pass === undefined) return undefined;
    return await this.#visitor(`c ${route} ${pass}`, 'cookie', route, () =>
      this.#auth.verifyRouteToken('pass', { route, token: pass }),
    );
  }

  async #visitor(
    key: string,
    by: Visitor['by'],
    route: string,
    verify: () => Promise<Session>,
  ): Promise<Visitor> {
    const now = this.#now();
    const known = this.#remembered.get(key);
    const isFresh = known !== undefined && now - known.checkedAt < checkedMs;
    if (isFresh && now < known.visitor.expiresAt * 1000) return known.visitor;
    const visitor = await this.#verified(by, route, verify);
    this.#remembered.set(key, { visitor, checkedAt: now });
    return visitor;
  }

  async #verified(by: Visitor['by'], route: string, verify: () => Promise<Session>): Promise<Visitor> {
    const session = await verify();
    return { ...session, pseudonym: await this.#auth.pseudonymOf(session.player, realmOf(route)), by };
  }
}
