/**
 * Browsers keep the refresh token where no script can read it: in a cookie, and never in a body. A page asks for that by the
 * field `Castling-Client: browser`. Two walls stand against foreign pages (OWASP CSRF cheat sheet): the cookie is
 * SameSite=Strict and bound to the host by its prefix (RFC 6265bis section 4.1.3.2), and whatever changes something is
 * refused unless the request's Origin is the very server that it was sent to.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthError } from '../auth-error.ts';
import type { BrowserTokenAnswer, TokenAnswer } from '../http-schemas.ts';
import { opaqueTokenPattern } from '../tokens/opaque-token.ts';

const cookieName = '__Host-castling';
const deviceCookieName = '__Host-castling-device';
/** Browsers keep no cookie for longer than 400 days. */
const deviceSeconds = 400 * 86_400;
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';
const cookieValue = new RegExp(opaqueTokenPattern('refresh'));
const deviceCookieValue = new RegExp(opaqueTokenPattern('device'));

export function isBrowserClient({ headers }: FastifyRequest): boolean {
  return headers['castling-client'] === 'browser';
}

/**
 * Programs send no Origin. A page always does, and it must be this server's own: the request's Host, which TLS has
 * authenticated, so that no name made to point here (DNS rebinding) gets past it.
 *
 * @throws AuthError `origin_refused`
 */
export function requireOwnOrigin(request: FastifyRequest): void {
  const { method, headers } = request;
  if (method === 'GET' || method === 'HEAD') return;
  const { origin, host } = headers;
  if (origin === undefined && !isBrowserClient(request)) return;
  const site = headers['sec-fetch-site'];
  const isOwn = origin === `https://${host}` && (site === undefined || site === 'same-origin');
  if (!isOwn) throw new AuthError('origin_refused');
}

/** The answer as this client gets it: a page gets the refresh token as a cookie, everybody else in the body. */
export function grantTo(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: TokenAnswer,
): TokenAnswer | BrowserTokenAnswer {
  if (!isBrowserClient(request)) return answer;
  const { refresh_token: token, refresh_expires_in: seconds, device_token: device, ...rest } = answer;
  reply.header('set-cookie', `${cookieName}=${token}; ${attributes}; Max-Age=${seconds}`);
  if (device !== undefined) setDeviceCookie(reply, device);
  return rest;
}

/** An answer that may bring a device's token and nothing else to keep: for a page, it becomes the cookie. */
export function keepDevice<Answer extends { readonly device_token?: string }>(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Answer | Omit<Answer, 'device_token'> {
  if (!isBrowserClient(request)) return answer;
  const { device_token: device, ...rest } = answer;
  if (device !== undefined) setDeviceCookie(reply, device);
  return rest;
}

function setDeviceCookie(reply: FastifyReply, device: string): void {
  reply.header('set-cookie', `${deviceCookieName}=${device}; ${attributes}; Max-Age=${deviceSeconds}`);
}

/** The body of a sign-in; a page's with the device that its cookie names, which signing out leaves in place. */
export function withDeviceCookie<Body extends object>(request: FastifyRequest, body: Body): Body {
  if (!isBrowserClient(request)) return body;
  const [token] = cookiesNamed(deviceCookieName, request);
  if (token === undefined || !deviceCookieValue.test(token)) return body;
  return { ...body, device_token: token };
}

/** @throws AuthError `refresh_token_invalid` when there is none */
export function readRefreshCookie(request: FastifyRequest): string {
  const values = cookiesNamed(cookieName, request);
  const [token] = values;
  // The prefix leaves room for one such cookie; two were not set by this server.
  if (values.length !== 1 || token === undefined || !cookieValue.test(token)) {
    throw new AuthError('refresh_token_invalid');
  }
  return token;
}

function cookiesNamed(name: string, { headers }: Pick<FastifyRequest, 'headers'>): string[] {
  return (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

export function clearRefreshCookie(reply: FastifyReply): void {
  reply.header('set-cookie', `${cookieName}=; ${attributes}; Max-Age=0`);
}

/**
 * Whatever the page kept goes, too (RFC draft "Clear Site Data"). Not `cookies`: that takes those of every service on the
 * same domain, and ours is cleared by name.
 */
export function clearSiteData(reply: FastifyReply): void {
  reply.header('clear-site-data', '"cache", "storage"');
}
