import type { Probe } from '../prober.ts';
import { type HttpProbeTarget, httpProbe } from './http-probe.ts';
import { tcpProbe } from './tcp-probe.ts';

export interface ProbeTimes {
  /** Milliseconds from one probe to the next, and for one probe. */
  readonly everyMs: number;
  readonly timeoutMs: number;
  /** Probes in a row that change the verdict to up, and to down. */
  readonly rise: number;
  readonly fall: number;
}

/** How the upstreams of a route are probed. */
export type ProbeSettings = ProbeTimes &
  ({ readonly kind: 'tcp' } | { readonly kind: 'http'; readonly path: string; readonly status: number });

export function makeProbe(target: HttpProbeTarget, settings: ProbeSettings): Probe {
  return settings.kind === 'tcp'
    ? tcpProbe(target)
    : httpProbe({ ...target, path: settings.path, status: settings.status });
}
