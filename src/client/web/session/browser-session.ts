import type { ClosingCode } from '../../../protocol/closings.ts';
import { type AccessToken, type AccessTokenSource, tokenMarginMs } from '../../access-token.ts';
import { Cell, type ReadonlyCell } from '../../cell.ts';
import { ClientError } from '../../client-error.ts';
import type { BrowserAuth, BrowserCredentials, BrowserGrant, Recovery } from './browser-auth.ts';
import type { SignInHint } from './sign-in-hint.ts';
import type { SharedSession, Tabs } from './tabs.ts';

/**
 * ```
 *   unknown ──no hint, or refused──▶ signed-out ◀──signed out, or the session ended──┐
 *      └────────renewed────────▶ signed-in ────────────────────────────────────────┘
 * ```
 */
export type SessionState =
  /** `error` when the server could not be asked; `restore()` tries again. */
  | { readonly phase: 'unknown'; readonly error?: ClientError }
  /** `ended`: why, when it was not by the person's own wish here. */
  | { readonly phase: 'signed-out'; readonly ended?: ClosingCode }
  | {
      readonly phase: 'signed-in';
      readonly player: string;
      readonly name: string;
      readonly session: string;
      readonly isGuest: boolean;
    };

export interface BrowserSessionOptions {
  readonly auth: BrowserAuth;
  readonly tabs: Tabs;
  readonly hint: SignInHint;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/**
 * Who is signed in here, for all tabs of the browser. The access token lives in memory only, and tabs hand it to each
 * other; the refresh token lives in a cookie that no script can read. One tab at a time renews, since the cookie's token
 * is good for one use: whoever waited for its turn first looks whether the tab before has brought what it needs.
 */
export class BrowserSession implements AccessTokenSource {
  readonly #auth: BrowserAuth;
  readonly #tabs: Tabs;
  readonly #hint: SignInHint;
  readonly #now: () => number;
  readonly #state = new Cell<SessionState>({ phase: 'unknown' });
  readonly #recoveryCodes = new Cell<readonly string[]>([]);
  #held: SharedSession | undefined;
  #renewing: Promise<SharedSession> | undefined;

  constructor({ auth, tabs, hint, now = Date.now }: BrowserSessionOptions) {
    this.#auth = auth;
    this.#tabs = tabs;
    this.#hint = hint;
    this.#now = now;
    tabs.listen({
      session: (shared) => this.#adopt(shared),
      signedOut: (session) => {
        if (this.#held === undefined || this.#held.session === session) this.#forget();
      },
      offer: () => (this.#isUsable(this.#held) ? this.#held : undefined),
    });
  }

  get state(): ReadonlyCell<SessionState> {
    return this.#state;
  }

  /** Finds out whether this browser is signed in. Never throws: the state tells. */
  async restore(): Promise<void> {
    if (!this.#hint.get()) {
      this.#state.set({ phase: 'signed-out' });
      return;
    }
    this.#state.set({ phase: 'unknown' });
    try {
      await this.accessToken();
    } catch (error) {
      if (this.#state.value.phase !== 'unknown') return;
      this.#state.set({
        phase: 'unknown',
        error:
          error instanceof ClientError ? error : new ClientError('protocol', undefined, { cause: error }),
      });
    }
  }

  /** @throws ClientError `refused` (`name_taken`, `name_refused`, `password_refused`, `busy`, …), `unreachable`, … */
  async register(credentials: BrowserCredentials): Promise<void> {
    const grant = await this.#auth.register(credentials);
    this.#recoveryCodes.set(grant.recoveryCodes);
    this.#share(grant);
  }

  /** @throws ClientError `refused` (`credentials_wrong`, `busy`, …), `unreachable`, … */
  async login(credentials: BrowserCredentials): Promise<void> {
    this.#share(await this.#auth.login(credentials));
  }

  /** @throws ClientError `refused` (`guests_refused`, `too_many_guests`), `unreachable`, … */
  async visit(): Promise<void> {
    this.#share(await this.#auth.visit());
  }

  /**
   * Makes an account of the guest. Whatever is open goes on: it is the same session.
   * @throws ClientError `refused` (`name_taken`, `name_refused`, `password_refused`, `not_a_guest`, …), `unreachable`, …
   */
  async upgradeGuest(credentials: BrowserCredentials): Promise<void> {
    const { token } = await this.accessToken();
    const { name, recoveryCodes } = await this.#auth.upgradeGuest(token, credentials);
    this.#recoveryCodes.set(recoveryCodes);
    if (this.#held === undefined) return;
    const shared = { ...this.#held, name, isGuest: false };
    this.#adopt(shared);
    this.#tabs.tell(shared);
  }

  /** @throws ClientError `refused` (`recovery_refused`, `password_refused`, …), `unreachable`, … */
  async recover(recovery: Recovery): Promise<void> {
    this.#share(await this.#auth.recover(recovery));
  }

  /** Recovery codes that the person has not yet said to have kept; they are nowhere else. */
  get recoveryCodes(): ReadonlyCell<readonly string[]> {
    return this.#recoveryCodes;
  }

  recoveryCodesKept(): void {
    this.#recoveryCodes.set([]);
  }

  /**
   * Signs out here and in every tab. The session ends on the server first: were it left alive there, nobody could end it
   * from here later.
   *
   * @throws ClientError `unreachable`, `timed_out` when the server could not be told; then one is still signed in
   */
  async signOut(): Promise<void> {
    const session = this.#held?.session;
    try {
      const { token } = await this.accessToken();
      await this.#auth.logout(token);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    if (session !== undefined) this.#tabs.tellSignedOut(session);
    this.#forget();
  }

  /** The server has ended the session, and says why. */
  ended(why: ClosingCode): void {
    this.#forget(why);
  }

  async accessToken({ rejected }: { readonly rejected?: string } = {}): Promise<AccessToken> {
    const held = this.#held;
    if (this.#isUsable(held, rejected)) return held;
    // Whoever asks while another call renews gets its answer, unless that is the token just rejected.
    this.#renewing ??= this.#renew(rejected).finally(() => {
      this.#renewing = undefined;
    });
    const shared = await this.#renewing;
    return shared.token === rejected ? await this.#renew(rejected) : shared;
  }

  async #renew(rejected: string | undefined): Promise<SharedSession> {
    return await this.#tabs.exclusively(async () => {
      if (this.#isUsable(this.#held, rejected)) return this.#held;
      const theirs = await this.#tabs.ask();
      if (this.#isUsable(theirs, rejected)) {
        this.#adopt(theirs);
        return theirs;
      }
      try {
        return this.#share(await this.#auth.refresh());
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#forget('session_ended');
        throw new ClientError('signed_out', undefined, { cause: error });
      }
    });
  }

  #share({ player, name, session, isGuest, accessToken, expiresIn }: BrowserGrant): SharedSession {
    const shared = {
      player,
      name,
      session,
      isGuest,
      token: accessToken,
      expiresAt: this.#now() + expiresIn * 1000,
    };
    this.#adopt(shared);
    this.#tabs.tell(shared);
    return shared;
  }

  #adopt(shared: SharedSession): void {
    const before = this.#held;
    if (before?.session === shared.session && before.expiresAt > shared.expiresAt) return;
    this.#held = shared;
    this.#hint.set(true);
    const { player, name, session, isGuest } = shared;
    const isKnown = before?.session === session && before.name === name && before.isGuest === isGuest;
    if (!isKnown || this.#state.value.phase !== 'signed-in') {
      this.#state.set({ phase: 'signed-in', player, name, session, isGuest });
    }
  }

  #forget(ended?: ClosingCode): void {
    this.#held = undefined;
    this.#recoveryCodes.set([]);
    this.#hint.set(false);
    this.#state.set({ phase: 'signed-out', ...(ended && { ended }) });
  }

  #isUsable(shared: SharedSession | undefined, rejected?: string): shared is SharedSession {
    return (
      shared !== undefined && shared.token !== rejected && shared.expiresAt - tokenMarginMs > this.#now()
    );
  }
}

/** The server says that there is no session any more; asking again cannot change that. */
function isGone(error: unknown): boolean {
  return error instanceof ClientError && (error.code === 'signed_out' || error.httpStatus === 401);
}
