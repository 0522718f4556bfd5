/** What the settings say of routes, as the parts of the proxy take it. */
import type { Settings } from '../../settings/index.ts';
import type { BalancingPolicyName } from '../balancing/balancing-policy.ts';
import type { BreakerOptions } from '../balancing/circuit-breaker.ts';
import type { ProbeSettings } from '../balancing/probes/make-probe.ts';
import type { RouteAccess } from './access.ts';

/** Of every route, whatever its kind. */
export interface RouteSettings {
  readonly name: string;
  readonly upstreams: readonly UpstreamSettings[];
  readonly balance: BalanceSettings;
  /** `undefined` for none. */
  readonly probe: ProbeSettings | undefined;
}

export interface UpstreamSettings {
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  readonly maxConnections: number;
}

/** What operators, metrics and logs call an upstream. */
export function upstreamId({ host, port }: Pick<UpstreamSettings, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export interface BalanceSettings {
  readonly policy: BalancingPolicyName;
  readonly slowStartMs: number;
  readonly breaker: BreakerOptions;
}

export interface TcpRouteSettings extends RouteSettings {
  readonly allow: RouteAccess;
  readonly limits: TunnelLimits;
}

export interface TunnelLimits {
  /** Milliseconds for one attempt to connect to an upstream. */
  readonly connectMs: number;
  /** Milliseconds without a byte in either direction, and of a tunnel's whole life. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** Tunnels of the route at once, and of one player. */
  readonly tunnels: number;
  readonly tunnelsPerPlayer: number;
}

type Route = Settings['routes'][number];

/** Those of kind `tcp`. */
export function tcpRoutes(routes: Settings['routes']): TcpRouteSettings[] {
  return routes.flatMap((route) => {
    if (route.kind !== 'tcp') return [];
    const { allow, accounts, limits } = route;
    return {
      ...commonSettings(route),
      allow: allow === 'listed' ? accounts : allow,
      limits: {
        connectMs: limits.connect,
        idleMs: limits.idle,
        totalMs: limits.total,
        tunnels: limits.tunnels,
        tunnelsPerPlayer: limits.tunnelsPerPlayer,
      },
    };
  });
}

/** What the balancer of a route of any kind needs. */
export function commonSettings({ name, upstreams, balance, probe }: Route): RouteSettings {
  const { breaker } = balance;
  const { kind, path, status, every: everyMs, timeout: timeoutMs, rise, fall } = probe;
  const times = { everyMs, timeoutMs, rise, fall };
  return {
    name,
    upstreams: upstreams.map(({ address, weight, maxConnections }) => ({
      ...address,
      weight,
      maxConnections,
    })),
    balance: {
      policy: balance.policy,
      slowStartMs: balance.slowStart,
      breaker: {
        failures: breaker.failures,
        windowMs: breaker.window,
        openMs: breaker.open,
        longestOpenMs: breaker.longestOpen,
        trials: breaker.trials,
        successes: breaker.successes,
      },
    },
    probe:
      kind === 'none' ? undefined : kind === 'tcp' ? { kind, ...times } : { kind, path, status, ...times },
  };
}
