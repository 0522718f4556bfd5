import type { FastifyPluginAsync } from 'fastify';
import type { Auth } from '../../auth/index.ts';
import { tunnelPath, tunnelSubprotocol } from '../../protocol/tunnel.ts';
import { isAvailable } from '../balancing/availability.ts';
import { ProblemError } from '../http/problem.ts';
import type { TcpRoutes } from './tcp-routes.ts';

/** `GET /tunnel/NAME`: whether this player may open tunnels there, asked before a program connects. Nothing is opened. */
export function tunnelInfo({
  routes,
  auth,
}: {
  readonly routes: TcpRoutes;
  readonly auth: Pick<Auth, 'requireSession'>;
}): FastifyPluginAsync {
  return async (scope) => {
    scope.get<{ Params: { name: string } }>(`${tunnelPath}:name`, async (request, reply) => {
      const session = await auth.requireSession(request, reply);
      const route = routes.find(request.params.name);
      if (route === undefined) throw new ProblemError('not_found');
      if (!route.mayUse(session)) throw new ProblemError('route_refused');
      reply.header('cache-control', 'no-store');
      return {
        route: route.name,
        subprotocol: tunnelSubprotocol,
        available: route.pool.upstreams.some(isAvailable),
        idleMs: route.limits.idleMs,
        totalMs: route.limits.totalMs,
      };
    });
  };
}
