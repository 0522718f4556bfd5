import type { PlayerId } from '../../../protocol/ids.ts';
import type { AddressLimits, GrowingCount, GrowingRate } from './limit-settings.ts';
import { type BucketShape, TokenBucket } from './token-bucket.ts';

/** What one account has for itself behind one address. */
export class AccountShare {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  sockets = 0;

  constructor(limits: AddressLimits, now: number) {
    this.messages = new TokenBucket(limits.messages.perAccount, now);
    this.bytes = new TokenBucket(limits.bytes.perAccount, now);
  }
}

/**
 * What one address may do: `base` for whoever is behind it, and `perAccount` for each account signed in there, so that a school
 * behind one address has more than one stranger.
 */
export class AddressBudget {
  readonly messages: TokenBucket;
  readonly bytes: TokenBucket;
  readonly #handshakes: TokenBucket;
  readonly #requests: TokenBucket;
  readonly #shares = new Map<PlayerId, AccountShare>();
  #connections = 0;
  #strangers = 0;

  constructor(limits: AddressLimits, now: number) {
    this.messages = new TokenBucket(limits.messages.base, now);
    this.bytes = new TokenBucket(limits.bytes.base, now);
    this.#handshakes = new TokenBucket(limits.handshakes.base, now);
    this.#requests = new TokenBucket(limits.requests.base, now);
  }

  get connections(): number {
    return this.#connections;
  }

  get accounts(): number {
    return this.#shares.size;
  }

  /** The rule that refuses one more connection; without one, it counts until `disconnected`. */
  connect(limits: AddressLimits, now: number): ConnectionRule | undefined {
    if (this.#connections >= this.#count(limits, limits.connections)) return 'connections.address';
    if (this.#strangers >= this.#count(limits, limits.strangers)) return 'strangers.address';
    if (this.#handshakes.wait(this.#shape(limits, limits.handshakes), now) > 0) return 'handshakes.address';
    this.#handshakes.take();
    this.#connections += 1;
    this.#strangers += 1;
    return undefined;
  }

  disconnected(player: PlayerId | undefined): void {
    this.#connections -= 1;
    if (player === undefined) this.#strangers -= 1;
    else this.#leave(player);
  }

  /** Takes one HTTP request; gives 0, or the milliseconds until there is one. */
  request(limits: AddressLimits, now: number): number {
    const wait = this.#requests.wait(this.#shape(limits, limits.requests), now);
    if (wait === 0) this.#requests.take();
    return wait;
  }

  /** A stranger's connection turns out to be this player's. */
  signedIn(player: PlayerId, limits: AddressLimits, now: number): AccountShare {
    this.#strangers -= 1;
    const share = this.#shares.get(player) ?? new AccountShare(limits, now);
    this.#shares.set(player, share);
    share.sockets += 1;
    return share;
  }

  /** Whether it has to be remembered that somebody was here. */
  isSpent(limits: AddressLimits, now: number): boolean {
    return (
      this.#handshakes.untilFull(limits.handshakes.base, now) > 0 ||
      this.#requests.untilFull(limits.requests.base, now) > 0 ||
      this.messages.untilFull(limits.messages.base, now) > 0 ||
      this.bytes.untilFull(limits.bytes.base, now) > 0
    );
  }

  #leave(player: PlayerId): void {
    const share = this.#shares.get(player);
    if (share === undefined) return;
    share.sockets -= 1;
    // Who comes back gets a fresh share, but within the budgets of the session and the account, which are kept.
    if (share.sockets === 0) this.#shares.delete(player);
  }

  #count(limits: AddressLimits, { base, perAccount }: GrowingCount): number {
    return base + perAccount * Math.min(this.#shares.size, limits.mostAccounts);
  }

  #shape(limits: AddressLimits, { base, perAccount }: GrowingRate): BucketShape {
    const accounts = Math.min(this.#shares.size, limits.mostAccounts);
    if (accounts === 0) return base;
    return {
      perSecond: base.perSecond + perAccount.perSecond * accounts,
      burst: base.burst + perAccount.burst * accounts,
    };
  }
}

export type ConnectionRule = 'connections.address' | 'strangers.address' | 'handshakes.address';
