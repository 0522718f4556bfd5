/** The request that a proof of possession is for. */
export interface ProofRequest {
  readonly method: string;
  /** `https://HOST:PORT/PATH`, without a query. */
  readonly url: string;
  /** The bound token that goes along. */
  readonly accessToken?: string;
}

/** Proves that the holder of a token has the key that it is bound to (RFC 9449). */
export interface Prover {
  /** Good for one request. */
  prove(request: ProofRequest): Promise<string>;
  /** The server wants this in the next proofs. */
  heardNonce(nonce: string): void;
}

/** A token as it is shown to the server: with a proof of its key when it has one. */
export interface HeldToken {
  readonly token: string;
  /** Only of a token that is bound. */
  readonly prover?: Prover;
}

/** An access token and what its holder knows of it without reading it. */
export interface AccessToken extends HeldToken {
  /** Unix milliseconds by this machine's clock, reckoned from `expires_in` when the token arrived. */
  readonly expiresAt: number;
}

/**
 * Where a connection gets its access tokens. Implementations refresh when they must, and do it once however many ask
 * at the same time: a refresh token can be used one time only.
 */
export interface AccessTokenSource {
  /**
   * A token with some life left. `rejected` names one that the server no longer takes: the answer is another one.
   *
   * @throws ClientError `signed_out` when signing in again is the only way; `unreachable` or `timed_out` when a later
   *   attempt may succeed.
   */
  accessToken(options?: { readonly rejected?: string }): Promise<AccessToken>;
}

/** Milliseconds before the end at which a token counts as used up: the way to the server, and clocks that differ. */
export const tokenMarginMs = 30_000;

/** Makes one call at a time of `load`; whoever asks while it runs gets the same answer. */
export function singleFlight<T>(load: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined;
  return () => {
    flight ??= load().finally(() => {
      flight = undefined;
    });
    return flight;
  };
}
