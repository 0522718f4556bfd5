import type { ControlRequest, ControlRoute, ControlRoutes } from '../../process/control/index.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { isAvailable } from '../balancing/availability.ts';
import type { Upstream } from '../balancing/upstream.ts';

/** A route of any kind, as an operator sees it. */
export interface ControlledRoute {
  readonly name: string;
  readonly kind: string;
  readonly upstreams: readonly Upstream[];
}

/** An upstream as operators name it. */
export interface UpstreamName {
  readonly route: string;
  readonly upstream: string;
}

/** One upstream in the answer to `GET /routes`. */
export interface UpstreamReport extends UpstreamName {
  readonly kind: string;
  readonly available: boolean;
  readonly probe: string;
  readonly breaker: string;
  readonly draining: boolean;
  readonly connections: number;
  readonly maxConnections: number;
  /** With what is left out for a while after a recovery. */
  readonly weight: number;
}

/** What an operator asks to drain an upstream, or to end that. Who answers in workers' names remembers what came of it. */
export const drainRoutes: readonly ControlRoute[] = ['POST /routes/drain', 'POST /routes/undrain'];

/** Lets an operator see the upstreams of all routes, and drain one. `routes` is asked each time, since settings change. */
export function addRouteControl(control: ControlRoutes, routes: () => Iterable<ControlledRoute>): void {
  control.add('GET /routes', () =>
    [...routes()].flatMap((route) => route.upstreams.map((each) => report(route, each))),
  );
  const find = ({ body }: ControlRequest): readonly [ControlledRoute, Upstream] => {
    const { route: wantedRoute, upstream: wanted } = (body ?? {}) as { route?: unknown; upstream?: unknown };
    const all = [...routes()];
    const route = all.find(({ name }) => name === wantedRoute);
    if (route === undefined)
      throw unknown(
        'route',
        wantedRoute,
        all.map(({ name }) => name),
      );
    const upstream = route.upstreams.find(({ id }) => id === wanted);
    if (upstream === undefined)
      throw unknown(
        'upstream',
        wanted,
        route.upstreams.map(({ id }) => id),
      );
    return [route, upstream];
  };
  control.add('POST /routes/drain', (request) => {
    const [route, upstream] = find(request);
    upstream.drain();
    return report(route, upstream);
  });
  control.add('POST /routes/undrain', (request) => {
    const [route, upstream] = find(request);
    upstream.undrain();
    return report(route, upstream);
  });
}

/** Drains these, and no others: what operators have said before this process began, or in its name. */
export function drainOnly(drained: readonly UpstreamName[], routes: Iterable<ControlledRoute>): void {
  for (const { name, upstreams } of routes) {
    for (const upstream of upstreams) {
      if (drained.some((each) => each.route === name && each.upstream === upstream.id)) upstream.drain();
      else upstream.undrain();
    }
  }
}

function report({ name, kind }: ControlledRoute, upstream: Upstream): UpstreamReport {
  const { id, probe, breaker, draining, load, maxConnections, weight } = upstream;
  return {
    route: name,
    kind,
    upstream: id,
    available: isAvailable(upstream),
    probe,
    breaker,
    draining,
    connections: load,
    maxConnections,
    weight: Math.round(weight * 100) / 100,
  };
}

function unknown(what: string, wanted: unknown, there: readonly string[]): OperatorError {
  const list = there.length === 0 ? 'there is none' : `there is ${there.join(', ')}`;
  return new OperatorError('usage', `There is no ${what} ${printable(String(wanted))}; ${list}.`);
}
