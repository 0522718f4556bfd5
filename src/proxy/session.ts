/** Stage 2: a socket becomes a player's, for as long as the access token says. */
import { AuthError, type Session, type ShownToken } from '../auth/index.ts';
import type { ClosingCode } from '../protocol/closings.ts';
import type { PlayerId, Pseudonym } from '../protocol/ids.ts';
import { limits } from '../protocol/limits.ts';
import type { SessionInfo } from '../protocol/player-messages.ts';
import { type Refusal, refuse } from '../protocol/refusals.ts';
import type { ClosingDetail } from './fan-out.ts';
import { closingFor } from './session-ends.ts';

declare const signedIn: unique symbol;
/** A session that this stage has verified; nothing else makes one. */
export interface SignedIn extends Session {
  readonly [signedIn]: true;
  /** What the backends of this route know the player as. */
  readonly pseudonym: Pseudonym;
}

/** The part of accounts that this stage needs. */
export interface Verifier {
  verifyAccessToken(shown: ShownToken): Promise<Session>;
  /** @throws AuthError `session_ended` */
  requireLive(session: Pick<Session, 'player' | 'session'>): Promise<void>;
  pseudonymOf(player: PlayerId, realm: string): Promise<Pseudonym>;
}

/** What a session can do to its socket. */
export interface SessionSocket {
  close(code: ClosingCode, detail?: ClosingDetail): void;
  expiring(expiresAt: number): void;
}

export interface SessionOptions {
  readonly verifier: Verifier;
  readonly socket: SessionSocket;
  /** The route's name: pseudonyms of one realm mean nothing in another. */
  readonly realm: string;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Milliseconds to the first token. */
  readonly signInMs?: number;
  /** Told of failures that are the server's own. */
  readonly onFailure: (error: unknown) => void;
  /** When this side last did not read, Unix milliseconds: a fresh token may then be on its way. Left out: it always reads. */
  readonly deafAt?: () => number;
}

/**
 * Milliseconds after expiry for which a socket that this side did not read may stay, while its session lives; how often it is asked
 * whether that does; and in which what was held up must have brought a fresh token.
 */
const deafMs = 600_000;
const askEveryMs = 1_000;
const catchUpMs = 10_000;

/** `setTimeout` counts in 31 bits. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * ```
 *   anonymous ──open──▶ verifying ──valid──▶ signed in ──refresh──▶ signed in
 *       │ 10 s              │ invalid            │ 60 s before: session.expiring
 *       ▼                   ▼                    ▼ expiry
 *   token_missing      token_… closing      token_expired
 * ```
 */
export class SocketSession {
  readonly #options: SessionOptions;
  #state: 'anonymous' | 'verifying' | 'signed in' | 'over' = 'anonymous';
  #session: SignedIn | undefined;
  #timer: NodeJS.Timeout;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#end('token_missing'), options.signInMs ?? limits.signInMs);
  }

  /** The verified session, from sign-in to the end. */
  get current(): SignedIn | undefined {
    return this.#session;
  }

  get state(): 'anonymous' | 'verifying' | 'signed in' | 'over' {
    return this.#state;
  }

  /** Verifies a first token. A bad one closes the socket; then, and when the socket has gone, gives `undefined`. */
  async open(shown: ShownToken): Promise<SignedIn | undefined> {
    this.#state = 'verifying';
    const { verifier, realm } = this.#options;
    try {
      const session = await verifier.verifyAccessToken(shown);
      const pseudonym = await verifier.pseudonymOf(session.player, realm);
      if (this.#isOver()) return undefined;
      this.#state = 'signed in';
      this.#session = { ...session, pseudonym } as SignedIn;
      this.#arm(session.expiresAt);
      return this.#session;
    } catch (error) {
      if (!this.#isOver()) this.#end(this.#closingFor(error), { retryAfterMs: 1_000 });
      return undefined;
    }
  }

  /**
   * Asks once more whether the session lives, now that whoever hears of its end finds this socket. Without it, an end
   * between the check of the token and the registration would be missed. False when it has ended; the socket closes then.
   */
  async confirm(): Promise<boolean> {
    const session = this.#session;
    if (session === undefined) return false;
    try {
      await this.#options.verifier.requireLive(session);
    } catch (error) {
      if (!this.#isOver()) this.#end(this.#closingFor(error), { retryAfterMs: 1_000 });
    }
    return !this.#isOver();
  }

  /** Puts a fresh token of the same session in place of the old one. A bad one is refused, and the old one stays. */
  async refresh(shown: ShownToken): Promise<SignedIn | Refusal> {
    const before = this.#session;
    if (before === undefined) return refuse('not_signed_in');
    try {
      const fresh = await this.#options.verifier.verifyAccessToken(shown);
      if (fresh.player !== before.player || fresh.session !== before.session)
        return refuse('session_mismatch');
      if (this.#isOver()) return refuse('session_ended');
      this.#session = { ...fresh, pseudonym: before.pseudonym } as SignedIn;
      this.#arm(fresh.expiresAt);
      return this.#session;
    } catch (error) {
      return this.#refusalFor(error);
    }
  }

  /** The socket has gone. */
  stop(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
  }

  #arm(expiresAt: number): void {
    clearTimeout(this.#timer);
    const left = expiresAt * 1000 - this.#options.now();
    // Of a short life half: a notice at its beginning would have each fresh token asked to be replaced at once, again and again.
    const untilNotice = Math.max(0, left - Math.min(limits.expiringNoticeMs, left / 2));
    this.#timer = setTimeout(
      () => {
        this.#options.socket.expiring(expiresAt);
        const rest = Math.max(0, expiresAt * 1000 - this.#options.now());
        this.#timer = setTimeout(() => this.#expire(expiresAt), rest);
      },
      Math.min(untilNotice, longestTimerMs),
    );
  }

  /** What follows expiry: the end, unless nobody could have heard a fresh token. Then the session itself is asked about, for a while. */
  #expire(expiresAt: number): void {
    const { now, deafAt = () => Number.NEGATIVE_INFINITY } = this.#options;
    if (now() - deafAt() >= catchUpMs || now() >= expiresAt * 1000 + deafMs) {
      this.#end('token_expired');
      return;
    }
    this.#timer = setTimeout(async () => {
      if ((await this.confirm()) && this.#session?.expiresAt === expiresAt) this.#expire(expiresAt);
    }, askEveryMs);
  }

  #end(code: ClosingCode, detail?: ClosingDetail): void {
    this.stop();
    this.#options.socket.close(code, detail);
  }

  /** A method of its own: the state may change while a promise is awaited. */
  #isOver(): boolean {
    return this.#state === 'over';
  }

  #closingFor(error: unknown): ClosingCode {
    switch (this.#refusalFor(error).code) {
      case 'token_expired':
        return 'token_expired';
      case 'session_ended':
        return error instanceof AuthError && error.because !== undefined
          ? closingFor[error.because]
          : 'session_ended';
      case 'internal_error':
        return 'overloaded';
      default:
        return 'token_invalid';
    }
  }

  #refusalFor(error: unknown): Refusal {
    const code = error instanceof AuthError ? error.rpcCode : undefined;
    if (code !== undefined && code !== 'internal_error') return refuse(code);
    this.#options.onFailure(error);
    return refuse('internal_error', { retryAfterMs: 1_000 });
  }
}

/** The result of `session.open` and `session.refresh`. */
export function sessionInfo({ player, name, guest, session, expiresAt }: SignedIn): SessionInfo {
  return { player, name, ...(guest && { guest }), session, expiresAt };
}
