/**
 * How a browser that is signed in at Castling's own page gets signed in at a route, by a page that it is led through:
 *
 * ```
 *   GET  /routes/NAME/enter      a page; its script refreshes the access token, which no other page can do, and asks for
 *   POST /routes/NAME/entry      an entry token, good for a minute and this route, which it puts into a form for
 *   POST ROUTE/.castling/enter   the route itself, which sets the pass cookie for its own host and leads back (`hand-in.ts`)
 * ```
 *
 * No token is in an address, and the form counts only from the origin of the first page.
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Auth } from '../../../../auth/index.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { HttpRoute } from '../http-route.ts';
import { enterPage, enterPagePolicy, enterScript, enterScriptPath } from './enter-page.ts';
import { entryUrl, safeDestination } from './enter-url.ts';

export interface EntranceOptions {
  readonly auth: Pick<Auth, 'requireSession' | 'issueRouteToken'>;
  readonly find: (name: string) => HttpRoute | undefined;
}

export function entrance({ auth, find }: EntranceOptions): FastifyPluginAsync {
  return async (scope) => {
    scope.get(enterScriptPath, async (_request, reply) => {
      reply.headers({ 'cache-control': 'no-cache', 'content-type': 'text/javascript; charset=utf-8' });
      return enterScript;
    });

    scope.get<{ Params: { name: string }; Querystring: { to?: string | string[] } }>(
      '/routes/:name/enter',
      async (request, reply) => {
        const route = find(request.params.name);
        if (route?.signIn !== 'required') throw new ProblemError('not_found');
        const action = entryUrl(route, request.headers.host ?? '');
        const to = safeDestination(route, [request.query.to].flat()[0]);
        reply.headers({
          'content-security-policy': enterPagePolicy(action),
          'content-type': 'text/html; charset=utf-8',
          // With the default of this server the form would not say where it comes from (Fetch, section 3.1).
          'referrer-policy': 'strict-origin',
        });
        return enterPage({ route: route.name, action, to, languages: request.headers['accept-language'] });
      },
    );

    scope.post<{ Params: { name: string } }>('/routes/:name/entry', async (request, reply) => {
      const route = find(request.params.name);
      if (route?.signIn !== 'required') throw new ProblemError('not_found');
      const { origin, host } = request.headers;
      if (origin !== undefined && origin !== `https://${host}`) throw new ProblemError('origin_refused');
      const session = await auth.requireSession(request, reply);
      if (!route.allows(session)) throw new ProblemError('route_refused');
      const { token } = await auth.issueRouteToken('entry', { ...session, route: route.name });
      return { entry: token };
    });
  };
}
