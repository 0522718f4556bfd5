import type { IncomingMessage } from 'node:http';
import type { RequestFacts } from '../../policy/policy.ts';
import type { HttpRoute } from './http-route.ts';
import { kindOf } from './request-target.ts';

/** What filters are asked about a request at a route, beside its address. */
export function factsOf(
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  route: Pick<HttpRoute, 'name' | 'place'>,
): RequestFacts {
  return { route: route.name, kind: kindOf(route, method), origin: headers.origin ?? 'none' };
}
