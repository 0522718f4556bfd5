import type { Search } from '../../balancing/balancer.ts';
import type { Upstream } from '../../balancing/upstream.ts';
import type { UpstreamPool } from '../../balancing/upstream-pool.ts';
import type { HttpRouteLimits } from './http-route.ts';
import { type HttpTarget, HttpUpstream } from './http-upstream.ts';

/** The upstreams of one route: which one to ask, and the connections to each. */
export class HttpUpstreams {
  readonly #pool: UpstreamPool<HttpTarget>;
  readonly #limits: HttpRouteLimits;
  readonly #connected = new Map<Upstream<HttpTarget>, HttpUpstream>();

  constructor(pool: UpstreamPool<HttpTarget>, limits: HttpRouteLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  /** The `host:port` of each, for whoever has to know the upstreams' own addresses. */
  get authorities(): readonly string[] {
    return this.#pool.upstreams.map((upstream) => this.to(upstream).authority);
  }

  search(key: string): Search<HttpTarget> {
    return this.#pool.search(key);
  }

  to(upstream: Upstream<HttpTarget>): HttpUpstream {
    const known = this.#connected.get(upstream);
    if (known !== undefined) return known;
    this.#forgetGone();
    const made = new HttpUpstream(upstream.target, this.#limits);
    this.#connected.set(upstream, made);
    return made;
  }

  /** Lets what is under way end, and closes all connections. */
  close(): void {
    for (const connected of this.#connected.values()) connected.close();
    this.#connected.clear();
  }

  #forgetGone(): void {
    for (const [upstream, connected] of this.#connected) {
      if (this.#pool.upstreams.includes(upstream)) continue;
      connected.close();
      this.#connected.delete(upstream);
    }
  }
}
