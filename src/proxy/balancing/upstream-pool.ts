/** The upstreams of one route, as the settings list them: made, probed, kept over a change of settings, dropped. */
import type { Logger } from '../../process/logger.ts';
import { systemTimers, type Timers } from '../../process/timers.ts';
import { Balancer, type Search } from './balancer.ts';
import type { RouteCounts } from './balancing-metrics.ts';
import { type BalancingPolicyName, balancingPolicy } from './balancing-policy.ts';
import { type Probe, Prober } from './prober.ts';
import type { ProbeSettings } from './probes/make-probe.ts';
import { Upstream, type UpstreamChange, type UpstreamShape } from './upstream.ts';

export interface PoolSettings<Target> {
  readonly policy: BalancingPolicyName;
  /** Upstreams tried for one connection or request. */
  readonly attempts?: number;
  readonly upstreams: readonly PooledUpstream<Target>[];
  /** `undefined`: none is probed, and only failures take one out. */
  readonly probe?: ProbeSettings | undefined;
}

export interface PooledUpstream<Target> extends UpstreamShape {
  readonly id: string;
  readonly target: Target;
}

export interface PoolParts<Target> {
  readonly route: string;
  readonly counts: RouteCounts;
  readonly logger: Logger;
  readonly makeProbe: (target: Target, settings: ProbeSettings) => Probe;
  readonly timers?: Timers;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

export class UpstreamPool<Target> {
  readonly #parts: Required<PoolParts<Target>>;
  readonly #balancer: Balancer<Target>;
  #probing: readonly Probing<Target>[] = [];

  constructor(settings: PoolSettings<Target>, parts: PoolParts<Target>) {
    this.#parts = { timers: systemTimers, random: Math.random, ...parts };
    this.#balancer = new Balancer<Target>([], { policy: balancingPolicy(settings.policy) });
    this.apply(settings);
  }

  get upstreams(): readonly Upstream<Target>[] {
    return this.#balancer.upstreams;
  }

  find(id: string): Upstream<Target> | undefined {
    return this.upstreams.find((upstream) => upstream.id === id);
  }

  /** @param key what the rendezvous policy keeps together */
  search(key: string): Search<Target> {
    return this.#balancer.search(key);
  }

  /**
   * Follows the settings from now on. An upstream of the same name and place is the same one, with all that is known about
   * it; one that is gone gets nothing new, and what it has goes on to its own end.
   */
  apply(settings: PoolSettings<Target>): void {
    const { counts, random, timers } = this.#parts;
    const upstreams = settings.upstreams.map((wanted) => {
      const known = this.find(wanted.id);
      if (known === undefined || !isSame(known.target, wanted.target)) return this.#make(wanted);
      known.configure(wanted);
      return known;
    });
    for (const { id } of this.upstreams) if (!upstreams.some((each) => each.id === id)) counts.forget(id);
    this.#balancer.replace(upstreams, {
      policy: balancingPolicy(settings.policy, random),
      now: () => timers.now(),
      onNone: (answer) => counts.none(answer),
      ...(settings.attempts !== undefined && { attempts: settings.attempts }),
      ...(settings.probe !== undefined && { probeMs: settings.probe.everyMs }),
    });
    this.#probeAll(settings.probe);
  }

  close(): void {
    for (const { prober } of this.#probing) prober.stop();
    this.#probing = [];
    for (const { id } of this.upstreams) this.#parts.counts.forget(id);
  }

  #make(wanted: PooledUpstream<Target>): Upstream<Target> {
    const { counts, timers } = this.#parts;
    return new Upstream({
      ...wanted,
      now: () => timers.now(),
      observer: {
        changed: (change) => this.#log(wanted.id, change),
        reported: (outcome) => counts.attempt(wanted.id, outcome),
      },
    });
  }

  #probeAll(settings: ProbeSettings | undefined): void {
    const before = this.#probing;
    this.#probing = this.upstreams.flatMap((upstream) => {
      if (settings === undefined) {
        upstream.probed('unknown');
        return [];
      }
      const going = before.find((each) => each.upstream === upstream && isSame(each.settings, settings));
      return [going ?? { upstream, settings, prober: this.#startProber(upstream, settings) }];
    });
    for (const each of before) if (!this.#probing.includes(each)) each.prober.stop();
  }

  #startProber(upstream: Upstream<Target>, settings: ProbeSettings): Prober {
    const { makeProbe, timers, random } = this.#parts;
    const prober = new Prober({
      ...settings,
      probe: makeProbe(upstream.target, settings),
      onVerdict: (verdict, reason) => upstream.probed(verdict, reason),
      timers,
      random,
    });
    prober.start();
    return prober;
  }

  #log(upstream: string, change: UpstreamChange): void {
    const { route, logger } = this.#parts;
    const { kind, ...detail } = change;
    const isBad =
      (change.kind === 'probe' && change.verdict === 'down') ||
      (change.kind === 'breaker' && change.state === 'open');
    logger[isBad ? 'warn' : 'info']({ route, upstream, ...detail }, messages[kind]);
  }
}

interface Probing<Target> {
  readonly upstream: Upstream<Target>;
  readonly settings: ProbeSettings;
  readonly prober: Prober;
}

const messages: { readonly [Kind in UpstreamChange['kind']]: string } = {
  probe: 'the probes of an upstream say otherwise',
  breaker: 'the circuit breaker of an upstream has changed',
  draining: 'an operator drains an upstream, or ends that',
};

/** Targets are plain data out of the settings. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
