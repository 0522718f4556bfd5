import type { ClosingCode } from '../../../protocol/closings.ts';
import { type AccessToken, type AccessTokenSource, tokenMarginMs } from '../../access-token.ts';
import { Cell, type ReadonlyCell } from '../../cell.ts';
import { ClientError } from '../../client-error.ts';
import type { AskCode } from '../../second-factor.ts';
import type { BrowserAuth, BrowserCredentials, BrowserGrant, Recovery } from './browser-auth.ts';
import type { SignInHint } from './sign-in-hint.ts';
import type { Tabs } from './tabs.ts';

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

/** A signed-in session and its access token: in the memory of this tab only, never stored, never told. */
interface HeldSession {
  readonly session: string;
  readonly token: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/**
 * Who is signed in here. The access token lives in the memory of its tab only; the refresh token lives in a cookie that no
 * script can read. Tabs tell each other that one is signed in, and each gets its own token by the cookie, one after the other,
 * since the cookie's token is good for one use.
 */
export class BrowserSession implements AccessTokenSource {
  readonly #auth: BrowserAuth;
  readonly #tabs: Tabs;
  readonly #hint: SignInHint;
  readonly #now: () => number;
  readonly #state = new Cell<SessionState>({ phase: 'unknown' });
  readonly #recoveryCodes = new Cell<readonly string[]>([]);
  #held: HeldSession | undefined;
  #renewing: Promise<HeldSession> | undefined;

  constructor({ auth, tabs, hint, now = Date.now }: BrowserSessionOptions) {
    this.#auth = auth;
    this.#tabs = tabs;
    this.#hint = hint;
    this.#now = now;
    tabs.listen({
      signedIn: (session) => {
        if (this.#held?.session !== session) this.#follow();
      },
      changed: (session) => {
        if (this.#held?.session === session) this.#askAnew();
      },
      signedOut: (session) => {
        if (this.#held === undefined || this.#held.session === session) this.#forget();
      },
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
    this.#enter(grant);
  }

  /** @throws ClientError `refused` (`credentials_wrong`, `busy`, …), `unreachable`, … */
  async login(credentials: BrowserCredentials, askCode: AskCode): Promise<void> {
    this.#enter(await this.#auth.login(credentials, askCode));
  }

  /** @throws PasskeyError when the browser gives none; ClientError `refused` (`passkey_refused`, …), `unreachable`, … */
  async loginWithPasskey(name: string | undefined): Promise<void> {
    this.#enter(await this.#auth.loginWithPasskey(name));
  }

  /** @throws ClientError `refused` (`guests_refused`, `too_many_guests`), `unreachable`, … */
  async visit(): Promise<void> {
    this.#enter(await this.#auth.visit());
  }

  /**
   * Makes an account of the guest. Whatever is open goes on: it is the same session.
   * @throws ClientError `refused` (`name_taken`, `name_refused`, `password_refused`, `not_a_guest`, …), `unreachable`, …
   */
  async upgradeGuest(credentials: BrowserCredentials): Promise<void> {
    const { token } = await this.accessToken();
    const { name, recoveryCodes } = await this.#auth.upgradeGuest(token, credentials);
    this.#recoveryCodes.set(recoveryCodes);
    const state = this.#state.value;
    if (state.phase !== 'signed-in') return;
    this.#show({ ...state, name, isGuest: false });
    this.#tabs.tellChanged(state.session);
  }

  /** @throws ClientError `refused` (`recovery_refused`, `password_refused`, …), `unreachable`, … */
  async recover(recovery: Recovery, askCode: AskCode): Promise<void> {
    this.#enter(await this.#auth.recover(recovery, askCode));
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

  /** Fresh codes, to be shown once. */
  showRecoveryCodes(codes: readonly string[]): void {
    this.#recoveryCodes.set(codes);
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
    const renewed = await this.#renewing;
    return renewed.token === rejected ? await this.#renew(rejected) : renewed;
  }

  async #renew(rejected: string | undefined): Promise<HeldSession> {
    return await this.#tabs.exclusively(async () => {
      if (this.#isUsable(this.#held, rejected)) return this.#held;
      try {
        return this.#hold(await this.#auth.refresh());
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#forget('session_ended');
        throw new ClientError('signed_out', undefined, { cause: error });
      }
    });
  }

  /** Signed in here, by the person's own doing. */
  #enter(grant: BrowserGrant): void {
    this.#tabs.tellSignedIn(this.#hold(grant).session);
  }

  #hold({ player, name, session, isGuest, accessToken, expiresIn }: BrowserGrant): HeldSession {
    this.#held = { session, token: accessToken, expiresAt: this.#now() + expiresIn * 1000 };
    this.#hint.set(true);
    this.#show({ phase: 'signed-in', player, name, session, isGuest });
    return this.#held;
  }

  /** Tells nobody of what they know. */
  #show(state: Extract<SessionState, { readonly phase: 'signed-in' }>): void {
    const before = this.#state.value;
    const isKnown =
      before.phase === 'signed-in' &&
      before.session === state.session &&
      before.name === state.name &&
      before.isGuest === state.isGuest;
    if (!isKnown) this.#state.set(state);
  }

  /** Somebody has signed in in another tab: the cookie is theirs now, so this tab is, too. */
  #follow(): void {
    this.#held = undefined;
    this.#hint.set(true);
    void this.restore();
  }

  /** What it says goes on to count until the server has told otherwise. */
  #askAnew(): void {
    this.#held = undefined;
    this.accessToken().catch(() => {});
  }

  #forget(ended?: ClosingCode): void {
    this.#held = undefined;
    this.#recoveryCodes.set([]);
    this.#hint.set(false);
    this.#state.set({ phase: 'signed-out', ...(ended && { ended }) });
  }

  #isUsable(held: HeldSession | undefined, rejected?: string): held is HeldSession {
    return held !== undefined && held.token !== rejected && held.expiresAt - tokenMarginMs > this.#now();
  }
}

/** The server says that there is no session any more; asking again cannot change that. */
function isGone(error: unknown): boolean {
  return error instanceof ClientError && (error.code === 'signed_out' || error.httpStatus === 401);
}
