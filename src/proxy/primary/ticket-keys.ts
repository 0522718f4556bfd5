import { randomBytes as systemRandomBytes } from 'node:crypto';
import { systemTimers, type Timers } from '../../process/timers.ts';

export interface TicketKeysOptions {
  /** Told the new keys, 48 bytes. */
  readonly onRotation: (keys: Buffer) => void;
  /** Milliseconds. Settings allow half a day at most: RFC 9325 section 3.4 asks for a week or less. */
  readonly everyMs: number;
  readonly timers?: Timers;
  readonly randomBytes?: (count: number) => Buffer;
}

/** Name, HMAC-SHA-256 key and AES-128 key of RFC 5077's recommended ticket, 16 bytes each, as OpenSSL takes them. */
const keyBytes = 48;

/**
 * The keys of session tickets, which all workers share so that a player may resume a TLS session on any of them. They exist in
 * memory alone and are made anew by each primary. Node has room for one set, so a ticket from before a rotation is not accepted:
 * its owner pays for a full handshake, and notices nothing else.
 */
export class TicketKeys {
  readonly #options: Required<Omit<TicketKeysOptions, 'everyMs'>>;
  #everyMs: number;
  #keys: Buffer;
  #cancel = () => {};

  constructor({
    onRotation,
    everyMs,
    timers = systemTimers,
    randomBytes = systemRandomBytes,
  }: TicketKeysOptions) {
    this.#options = { onRotation, timers, randomBytes };
    this.#everyMs = everyMs;
    this.#keys = randomBytes(keyBytes);
    this.#schedule();
  }

  get current(): Buffer {
    return this.#keys;
  }

  /** Keys that are as old as that already are changed after a whole length of time all the same. */
  changeEvery(ms: number): void {
    this.#everyMs = ms;
    this.#cancel();
    this.#schedule();
  }

  stop(): void {
    this.#cancel();
  }

  #schedule(): void {
    const { timers, randomBytes, onRotation } = this.#options;
    this.#cancel = timers.after(this.#everyMs, () => {
      this.#keys.fill(0);
      this.#keys = randomBytes(keyBytes);
      onRotation(this.#keys);
      this.#schedule();
    });
  }
}
