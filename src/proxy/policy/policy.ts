/** Stage 4: what a signed-in socket may ask now. A refusal names its rule; nothing refused changes any state. */
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { Inbound } from '../inbound.ts';
import type { SignedIn } from '../session.ts';
import { Buckets } from './buckets.ts';
import { type Asking, firstRefusal } from './rules.ts';
import type { BucketShape } from './token-bucket.ts';

declare const admitted: unique symbol;
/** A request that every rule let pass; only this stage makes one. */
export type Admitted = Inbound & { readonly [admitted]: true };

export type Verdict =
  | { readonly kind: 'admitted'; readonly request: Admitted }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

/** What the rate says: nothing, a refusal, or that the sender goes on and on and its socket should close. */
export type RateVerdict = Refusal | 'flood' | undefined;

export interface PolicyOptions {
  /** Messages of one session (its sockets together), and of one player (the sessions together). */
  readonly session?: BucketShape;
  readonly account?: BucketShape;
  /** Refused messages, without a rest long enough to fill the bucket again, that make a flood. */
  readonly floodAfter?: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

export const policyDefaults = {
  session: { perSecond: 30, burst: 60 },
  account: { perSecond: 60, burst: 120 },
  floodAfter: 300,
} as const;

export class Policy {
  #sessions: Buckets;
  #accounts: Buckets;
  #floodAfter: number;
  readonly #now: () => number;

  constructor({ session, account, floodAfter, now = () => performance.now() }: PolicyOptions = {}) {
    this.#sessions = new Buckets(session ?? policyDefaults.session);
    this.#accounts = new Buckets(account ?? policyDefaults.account);
    this.#floodAfter = floodAfter ?? policyDefaults.floodAfter;
    this.#now = now;
  }

  /** Takes other rates from now on. All buckets are full again: nobody is refused for what an older rate allowed. */
  limitRates({ session, account, floodAfter }: Omit<PolicyOptions, 'now'>): void {
    this.#sessions = new Buckets(session ?? policyDefaults.session);
    this.#accounts = new Buckets(account ?? policyDefaults.account);
    this.#floodAfter = floodAfter ?? policyDefaults.floodAfter;
  }

  /**
   * Rules `rate.session` and `rate.account`: counts one message, whatever it says, a WebSocket ping too. Buckets
   * belong to players, never to addresses, so that nobody's traffic throttles another's move.
   */
  rate({ session, player }: SignedIn): RateVerdict {
    const now = this.#now();
    return (
      this.#take('rate.session', this.#sessions.of(session, now), now) ??
      this.#take('rate.account', this.#accounts.of(player, now), now)
    );
  }

  /** All other rules. */
  admit(request: Inbound, asking: Asking): Verdict {
    const refusal = firstRefusal(request, asking);
    return refusal === undefined
      ? { kind: 'admitted', request: request as Admitted }
      : { kind: 'refusal', refusal };
  }

  #take(rule: string, bucket: ReturnType<Buckets['of']>, now: number): RateVerdict {
    const retryAfterMs = bucket.take(now);
    if (retryAfterMs === 0) return undefined;
    return bucket.refused > this.#floodAfter ? 'flood' : refuse('rate_limited', { rule, retryAfterMs });
  }
}
