/** What the upstream learns of a request: what is on a list, and what this proxy says itself (CWE-348). */
import type { IncomingMessage } from 'node:http';
import { assertionField } from './assertion-field.ts';
import { type Fields, fieldTokens } from './fields.ts';
import type { HttpRoute } from './http-route.ts';

/**
 * What any upstream gets. Not here: `Authorization` and Castling's cookies, which are for Castling; `Forwarded` and its
 * kin, which only who stands in front may say; `User-Agent` and client hints, which tell players apart. An operator may add
 * names by the route's settings, as far as those let them.
 */
const passed: ReadonlySet<string> = new Set([
  ...['accept', 'accept-charset', 'accept-encoding', 'accept-language', 'accept-ranges'],
  ...['access-control-request-headers', 'access-control-request-method', 'cache-control'],
  ...['content-disposition', 'content-language', 'content-length', 'content-type', 'cookie'],
  ...['if-match', 'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'range'],
  ...['last-event-id', 'origin', 'pragma', 'prefer', 'priority', 'referer', 'upgrade-insecure-requests'],
  ...['sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site', 'sec-fetch-user'],
  ...['x-csrf-token', 'x-requested-with', 'x-xsrf-token'],
]);

export interface RequestFieldsOptions {
  readonly route: HttpRoute;
  /** What upstreams know the player by, signed; nothing for who is nobody. */
  readonly assertion: string | undefined;
}

/** The pseudonym under which this proxy signs `Via` (RFC 9110 section 7.6.3). */
const via = '1.1 castling';

/**
 * The fields for the upstream. What `Connection` names is left out, too: a client can take fields away that way, but none that
 * this proxy adds. Request trailers are never passed on (section 6.5.1 lets a proxy drop them), nor is `TE`.
 */
export function requestFields(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  { route, assertion }: RequestFieldsOptions,
): Fields {
  const fields: { [name: string]: string | string[] } = {};
  const named = new Set(fieldTokens(headers, 'connection'));
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (!(passed.has(name) || route.requestFields.has(name)) || named.has(name)) continue;
    const value = name === 'cookie' ? foreignCookies(rawHeaders[index + 1] ?? '') : rawHeaders[index + 1];
    if (value === undefined) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else fields[name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return { ...fields, ...ownFields(route), ...(assertion !== undefined && { [assertionField]: assertion }) };
}

/** What this proxy says of itself. The client's address stays here: `for=unknown` (RFC 7239 section 6.2). */
function ownFields({ publicHost, place, hostField }: HttpRoute): Fields {
  const prefix = place.kind === 'path' ? place.path.slice(0, -1) : undefined;
  return {
    via,
    forwarded: `for=unknown;${publicHost === undefined ? '' : `host="${publicHost}";`}proto=https`,
    'x-forwarded-proto': 'https',
    ...(publicHost !== undefined && { 'x-forwarded-host': publicHost }),
    ...(prefix !== undefined && { 'x-forwarded-prefix': prefix }),
    ...(hostField !== undefined && { host: hostField }),
  };
}

/** Cookies of the upstream's; those of Castling are for nobody else. `undefined` when none is left. */
function foreignCookies(text: string): string | undefined {
  const rest = text
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '' && !isOurCookie(pair));
  return rest.length === 0 ? undefined : rest.join('; ');
}

/** By the name in any case: browsers compare the prefixes of cookie names without it. */
export function isOurCookie(pair: string): boolean {
  return /^__(?:host|secure|http|host-http)-castling/i.test(pair.trimStart());
}
