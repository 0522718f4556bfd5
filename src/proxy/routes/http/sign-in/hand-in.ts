import type { IncomingMessage } from 'node:http';
import { type Auth, AuthError } from '../../../../auth/index.ts';
import type { ProblemCode } from '../../../http/problem.ts';
import type { HttpRoute } from '../http-route.ts';
import { safeDestination } from './enter-url.ts';
import { passCookie } from './pass-cookie.ts';

export type HandIn =
  | { readonly kind: 'entered'; readonly cookie: string; readonly location: string }
  | { readonly kind: 'refused'; readonly problem: ProblemCode };

export interface HandInOptions {
  readonly route: HttpRoute;
  readonly auth: Pick<Auth, 'verifyRouteToken' | 'issueRouteToken'>;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Bytes of the form. */
const formMost = 8 * 1024;

/**
 * Takes the form in which a browser hands in its entry token at a route, and gives it a pass. The form must come from the page
 * that made it: otherwise any page could sign somebody in as somebody else.
 *
 * @throws what the account store throws
 */
export async function handIn(request: IncomingMessage, { route, auth, now }: HandInOptions): Promise<HandIn> {
  const { method, headers } = request;
  if (method !== 'POST') return refused('method_not_allowed');
  const expected = route.place.kind === 'path' ? `https://${headers.host}` : route.place.entrance;
  if (headers.origin !== expected) return refused('cross_site_refused');
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')) {
    return refused('media_type_unsupported');
  }
  const body = await readForm(request);
  if (body === undefined) return refused('body_too_large');
  const form = new URLSearchParams(body);
  try {
    const token = form.get('entry') ?? '';
    const session = await auth.verifyRouteToken('entry', { route: route.name, token });
    const pass = await auth.issueRouteToken('pass', { ...session, route: route.name });
    const seconds = pass.expiresAt - Math.floor(now() / 1000);
    return {
      kind: 'entered',
      cookie: passCookie(route.name, { token: pass.token, seconds }),
      location: safeDestination(route, form.get('to')),
    };
  } catch (error) {
    if (!(error instanceof AuthError) || error.httpStatus !== 401) throw error;
    return refused(error.code === 'session_ended' ? 'session_ended' : 'not_signed_in');
  }
}

function refused(problem: ProblemCode): HandIn {
  return { kind: 'refused', problem };
}

async function readForm(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > formMost) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
