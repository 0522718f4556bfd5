import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds for which a nonce is good: a client gets a new one with every answer, and keeps it for its next few requests. */
const freshSeconds = 300;
/** Seconds by which the clocks of two of our machines may differ. */
const leewaySeconds = 60;
const tagBytes = 16;

export interface ProofNoncesOptions {
  /** The same in every process of the installation. */
  readonly key: Buffer;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Nonces of the server for proofs (RFC 9449 section 8): our time, under a key of ours. A client whose clock is wrong proves by
 * one that its proof is new, and no process has to remember which it gave out.
 */
export class ProofNonces {
  readonly #options: ProofNoncesOptions;

  constructor(options: ProofNoncesOptions) {
    this.#options = options;
  }

  fresh(): string {
    const seconds = Math.floor(this.#options.clock() / 1000);
    return `${seconds.toString(36)}.${this.#tag(seconds)}`;
  }

  /** Until when a proof with this nonce is good, Unix seconds; `undefined` when it is not ours, or not good any more. */
  goodUntil(nonce: string): number | undefined {
    const [, digits = '', tag = ''] = form.exec(nonce) ?? [];
    if (digits === '') return undefined;
    const seconds = Number.parseInt(digits, 36);
    if (!timingSafeEqual(Buffer.from(this.#tag(seconds)), Buffer.from(tag))) return undefined;
    const now = this.#options.clock() / 1000;
    const until = seconds + freshSeconds;
    return seconds <= now + leewaySeconds && now < until ? until : undefined;
  }

  #tag(seconds: number): string {
    return createHmac('sha256', this.#options.key)
      .update(`castling proof nonce 1:${seconds}`)
      .digest()
      .subarray(0, tagBytes)
      .toString('base64url');
  }
}

/** 22 characters are 16 bytes. */
const form = /^([0-9a-z]{6,8})\.([A-Za-z0-9_-]{22})$/;
