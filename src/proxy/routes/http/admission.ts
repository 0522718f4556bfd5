/** Whether a request may go on to a route's upstreams, as what, and as whose. */
import type { IncomingMessage } from 'node:http';
import { AuthError } from '../../../auth/index.ts';
import type { ProblemCode } from '../../http/problem.ts';
import type { HttpRoute } from './http-route.ts';
import { hasBody } from './request-body.ts';
import { readTarget } from './request-target.ts';
import { changesNothing, isFromElsewhere } from './sign-in/cross-site.ts';
import { enterUrl } from './sign-in/enter-url.ts';
import type { Visitor } from './sign-in/visitor.ts';
import type { Visitors } from './sign-in/visitors.ts';

/** What a request is for. */
export interface Aim {
  readonly kind: 'aimed';
  /** What the upstream is asked for: the path alone, and with the query. */
  readonly path: string;
  readonly target: string;
}

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly target: string;
      /** `undefined` at a public route. */
      readonly visitor: Visitor | undefined;
    }
  | { readonly kind: 'refused'; readonly problem: ProblemCode }
  | { readonly kind: 'elsewhere'; readonly status: 303 | 308; readonly location: string };

/** Methods that go on; TRACE would show the upstream's view of a request, CONNECT is for other proxies. */
export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const known: ReadonlySet<string | undefined> = new Set(methods);

export interface AdmissionOptions {
  readonly route: HttpRoute;
  readonly visitors: Visitors;
  readonly isUpgrade: boolean;
}

/** What a request is for, as far as its bytes say; decided at once, before anything behind it on the connection is looked at. */
export function readAim(
  request: IncomingMessage,
  { route, isUpgrade }: { readonly route: HttpRoute; readonly isUpgrade: boolean },
): Aim | Exclude<Admission, { readonly kind: 'admitted' }> {
  const { method = '', url = '' } = request;
  if (!known.has(method)) return { kind: 'refused', problem: 'method_not_allowed' };
  const target = readTarget(url, route);
  if (target.kind === 'refused') return target;
  const fault = bodyFault(request, route);
  if (fault !== undefined) return { kind: 'refused', problem: fault };
  if (target.kind === 'slash-missing') {
    if (isUpgrade || !changesNothing(method)) return { kind: 'refused', problem: 'not_found' };
    return { kind: 'elsewhere', status: 308, location: target.location };
  }
  if (isUpgrade && isFromElsewhere(request, route)) return { kind: 'refused', problem: 'origin_refused' };
  return { ...target, kind: 'aimed' };
}

/** Whose a request is, and whether they may make it. @throws what the account store throws */
export async function admit(
  request: IncomingMessage,
  aim: Aim,
  { route, visitors, isUpgrade }: AdmissionOptions,
): Promise<Admission> {
  const admitted = { ...aim, kind: 'admitted' } as const;
  if (route.signIn === 'public') return { ...admitted, visitor: undefined };
  const visitor = await visitorOf(request, { route, visitors });
  if (typeof visitor === 'string') {
    if (isUpgrade || !isNavigation(request)) return { kind: 'refused', problem: visitor };
    return { kind: 'elsewhere', status: 303, location: enterUrl(route, request.url ?? '') };
  }
  if (!route.allows(visitor)) return { kind: 'refused', problem: 'route_refused' };
  const isForeign =
    visitor.by === 'cookie' && !changesNothing(request.method ?? '') && isFromElsewhere(request, route);
  if (isForeign) return { kind: 'refused', problem: 'cross_site_refused' };
  return { ...admitted, visitor };
}

/** A body where none belongs would be read as the next request by an upstream that does not expect it (RFC 9110 section 9.3.1). */
function bodyFault(request: IncomingMessage, { limits }: HttpRoute): ProblemCode | undefined {
  if (!hasBody(request)) return undefined;
  if (changesNothing(request.method ?? '')) return 'request_invalid';
  const length = Number(request.headers['content-length'] ?? 0);
  return length > limits.requestBodyBytes ? 'body_too_large' : undefined;
}

async function visitorOf(
  request: IncomingMessage,
  { route, visitors }: Pick<AdmissionOptions, 'route' | 'visitors'>,
): Promise<Visitor | 'not_signed_in' | 'session_ended'> {
  try {
    return (await visitors.find(request, route.name)) ?? 'not_signed_in';
  } catch (error) {
    if (!(error instanceof AuthError) || error.httpStatus !== 401) throw error;
    return error.code === 'session_ended' ? 'session_ended' : 'not_signed_in';
  }
}

/** A page that a person opens; it can be led to where they sign in. Old browsers say so by what they accept alone. */
function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return headers.authorization === undefined && /\btext\/html\b/.test(headers.accept ?? '');
}
