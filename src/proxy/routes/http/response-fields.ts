/** What a client gets of an upstream's answer: its fields without those that would speak for Castling or about one connection. */
import { endToEnd } from './cache/freshen.ts';
import type { ResponseHead } from './exchange.ts';
import { type Fields, fieldValue } from './fields.ts';
import { type LocationOptions, publicLocation } from './location.ts';
import { settableCookie } from './set-cookie.ts';

/**
 * Never passed on: what describes the upstream (CWE-200), what speaks for the whole origin or its relatives (RFC 6797,
 * RFC 7838, Clear-Site-Data, whose "cookies" reaches the registrable domain), and what only this proxy says.
 */
const dropped: ReadonlySet<string> = new Set([
  ...['server', 'x-powered-by', 'x-aspnet-version', 'x-runtime'],
  ...[
    'strict-transport-security',
    'alt-svc',
    'public-key-pins',
    'expect-ct',
    'clear-site-data',
    'report-to',
    'nel',
  ],
  ...['reporting-endpoints', 'origin-agent-cluster', 'castling-assertion', 'trailer'],
  // Orders to a server in front of this one, to send a file or an address of its own choice in place of the answer (CWE-441).
  ...['x-accel-redirect', 'x-accel-expires', 'x-sendfile', 'x-lighttpd-send-file', 'x-reproxy-url'],
  // With the proxy's own name on both sides of it, an answer says nothing by this.
  'via',
]);

/** By path a page shares the origin of Castling's own; it must not widen what its scripts may do there. */
const droppedByPath: ReadonlySet<string> = new Set([
  'service-worker-allowed',
  'cross-origin-opener-policy',
  'cross-origin-opener-policy-report-only',
]);

export interface ResponseFieldsOptions extends LocationOptions {
  /** What this connection's answers say of HTTPS; nothing under a development certificate. */
  readonly strictTransport: string | undefined;
}

/** Names and values in turn, for `writeHead`; `undefined` when the answer breaks a rule and is refused. */
export function responseFields(
  { status, fields }: ResponseHead,
  options: ResponseFieldsOptions,
): string[] | undefined {
  if (status > statusMost || isCodedOnTheWay(fields)) return undefined;
  const { route, host, strictTransport } = options;
  const isByPath = route.place.kind === 'path';
  const lines = ['via', '1.1 castling'];
  if (strictTransport !== undefined) lines.push('strict-transport-security', strictTransport);
  for (const [name, value] of Object.entries(endToEnd(fields))) {
    if (value === undefined || dropped.has(name) || (isByPath && droppedByPath.has(name))) continue;
    // A reader that believed the length would take the next answer for a body (RFC 9110 section 8.6).
    if (name === 'content-length' && status === 204) continue;
    for (const text of typeof value === 'string' ? [value] : value) {
      const given = rewritten(name, text, options);
      if (given === 'refused') return undefined;
      if (given !== undefined) lines.push(name, given);
    }
  }
  if (fields['x-content-type-options'] === undefined) lines.push('x-content-type-options', 'nosniff');
  if (route.place.kind === 'path') {
    lines.push('content-security-policy', policyByPath(host, route.place.path));
    // Not what Castling's own pages say, so that a browser keeps the two in groups apart, whichever opens the other.
    lines.push('cross-origin-opener-policy', 'same-origin-allow-popups');
  }
  return lines;
}

/** No status has a meaning beyond (RFC 9110 section 15). */
const statusMost = 599;

/** Node takes the last coding off, which is `chunked`; whoever got the rest would not know of the others (RFC 9112 section 6.1). */
function isCodedOnTheWay(fields: Fields): boolean {
  const coding = fieldValue(fields, 'transfer-encoding');
  return coding !== undefined && coding.trim().toLowerCase() !== 'chunked';
}

function rewritten(name: string, text: string, options: LocationOptions): string | undefined | 'refused' {
  switch (name) {
    case 'set-cookie':
      return settableCookie(text, options.route);
    case 'location':
    case 'content-location':
      return publicLocation(text, options) ?? (name === 'location' ? 'refused' : undefined);
    default:
      return text;
  }
}

/**
 * Pages of a route by path share their origin with Castling's own page, so their scripts could ask for a token there with the
 * player's cookie. This policy, which adds to the upstream's own, lets them talk to their own route and nobody else, submit
 * forms to it alone, and be framed by it alone. A path is not looked at after a redirect (CSP 3, section 7.7), hence no answer
 * may redirect to the rest of this origin (see `publicLocation`).
 */
function policyByPath(host: string, path: string): string {
  const here = `https://${host}${path} wss://${host}${path}`;
  return `connect-src ${here} data: blob:; form-action ${here}; frame-ancestors 'self'; base-uri ${here}; object-src 'none'`;
}
