import type { AccessToken, AccessTokenSource } from './access-token.ts';

/**
 * The token that the connection shows, and what it knows against it: one that the server refused is never shown again,
 * and the source is asked for another one.
 */
export class SessionToken {
  readonly #source: AccessTokenSource;
  #current = '';
  #rejected: string | undefined;
  #triedFresh = false;

  constructor(source: AccessTokenSource) {
    this.#source = source;
  }

  /** A token to sign in with. @throws what the source throws */
  async obtain(): Promise<AccessToken> {
    const held = await this.#source.accessToken(
      this.#rejected === undefined ? {} : { rejected: this.#rejected },
    );
    this.#current = held.token;
    return held;
  }

  /** Another token than the present one, which is used up or about to be. @throws what the source throws */
  renew(): Promise<AccessToken> {
    this.reject();
    return this.obtain();
  }

  reject(): void {
    this.#rejected = this.#current;
  }

  /**
   * The server calls the token invalid. It may be one of before the server's keys changed, so one fresh one is tried;
   * false when that has happened already.
   */
  rejectOnce(): boolean {
    if (this.#triedFresh) return false;
    this.#triedFresh = true;
    this.reject();
    return true;
  }

  /** The server took it. */
  accepted(): void {
    this.#rejected = undefined;
    this.#triedFresh = false;
  }
}
