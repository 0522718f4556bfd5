import { isAvailable } from './availability.ts';
import type { BalancingPolicy } from './balancing-policy.ts';
import type { Repeatable } from './retry-safety.ts';
import type { Lease, Upstream } from './upstream.ts';

/** Why nothing could be chosen, and when asking again makes sense: the whole answer for whoever waits. */
export interface NoneAvailable {
  readonly kind: 'none';
  /** How many upstreams were left out for each reason; the first that applies counts. */
  readonly because: { readonly [Why in LeftOut]: number };
  /** Milliseconds after which another attempt may succeed. */
  readonly retryAfterMs: number;
  /** Milliseconds from the beginning of the search to this answer, attempts that failed included. */
  readonly tookMs: number;
}

/** `tried`: this very search has failed there. */
export type LeftOut = 'tried' | 'unhealthy' | 'draining' | 'full';

export type Choice<Target> = { readonly kind: 'chosen'; readonly lease: Lease<Target> } | NoneAvailable;

export interface BalancerOptions {
  readonly policy: BalancingPolicy;
  /** Upstreams tried for one search, the first one included. */
  readonly attempts?: number;
  /** Milliseconds between two probes: no answer about an unhealthy upstream changes sooner. */
  readonly probeMs?: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
  /** Told of each search that found nothing. */
  readonly onNone?: (answer: NoneAvailable) => void;
}

/** Milliseconds: bounds of `retryAfterMs`, so that nobody hammers and nobody gives up. */
const retryBoundsMs = { least: 250, most: 30_000 } as const;

/** Chooses upstreams of one route. */
export class Balancer<Target = unknown> {
  #options: BalancerOptions;
  #upstreams: readonly Upstream<Target>[];

  constructor(upstreams: readonly Upstream<Target>[], options: BalancerOptions) {
    this.#upstreams = upstreams;
    this.#options = options;
  }

  get upstreams(): readonly Upstream<Target>[] {
    return this.#upstreams;
  }

  /** Other upstreams and another way to choose from now on. Upstreams that stay are to be the same objects. */
  replace(upstreams: readonly Upstream<Target>[], options: BalancerOptions = this.#options): void {
    this.#upstreams = upstreams;
    this.#options = options;
  }

  /** Begins the search for an upstream for one connection or request. */
  search(key: string): Search<Target> {
    const startedAt = this.#now();
    const tried = new Set<Upstream<Target>>();
    const next = (): Choice<Target> => {
      const answer = this.#choose(key, tried, startedAt);
      if (answer.kind === 'none') this.#options.onNone?.(answer);
      return answer;
    };
    return {
      first: next,
      again: (failed, _because) => {
        failed.end();
        tried.add(failed.upstream);
        return next();
      },
    };
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #choose(key: string, tried: ReadonlySet<Upstream<Target>>, startedAt: number): Choice<Target> {
    const { policy, attempts = 3 } = this.#options;
    const candidates: Upstream<Target>[] = [];
    const because = { tried: 0, unhealthy: 0, draining: 0, full: 0 };
    for (const upstream of this.#upstreams) {
      if (tried.has(upstream)) because.tried += 1;
      else if (isAvailable(upstream)) candidates.push(upstream);
      else because[reasonAgainst(upstream)] += 1;
    }
    const chosen = tried.size < attempts ? policy.choose(candidates, key) : undefined;
    if (chosen !== undefined) return { kind: 'chosen', lease: chosen.begin() };
    return {
      kind: 'none',
      because,
      retryAfterMs: this.#retryAfterMs(),
      tookMs: this.#now() - startedAt,
    };
  }

  /** The shortest wait after which one of the upstreams may be available. */
  #retryAfterMs(): number {
    const { probeMs = 5_000 } = this.#options;
    const waits = this.#upstreams.map((upstream) => {
      // A place becomes free, or a trial ends, at any moment; a probe at the next round; a breaker by its own clock.
      if (upstream.probe === 'down' || upstream.draining) return probeMs;
      return upstream.breakerWaitMs;
    });
    return Math.round(
      Math.min(retryBoundsMs.most, Math.max(retryBoundsMs.least, Math.min(...waits, probeMs))),
    );
  }
}

/** One connection's or request's way to an upstream, over as many attempts as it takes. */
export interface Search<Target = unknown> {
  first(): Choice<Target>;
  /**
   * Another one than those that have failed. Ends the failed lease; report on it before.
   *
   * @param because why trying again is safe
   */
  again(failed: Lease<Target>, because: Repeatable): Choice<Target>;
}

function reasonAgainst({ healthy, draining }: Upstream): Exclude<LeftOut, 'tried'> {
  if (!healthy) return 'unhealthy';
  return draining ? 'draining' : 'full';
}
