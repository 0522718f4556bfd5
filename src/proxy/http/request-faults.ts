import type { IncomingMessage } from 'node:http';
import { listenerLimits } from '../listener/listener-limits.ts';
import { isPlainPath, targetMost } from './plain-path.ts';
import type { ProblemCode } from './problem.ts';

/** Fields that decide who and where: two of one kind, and two readers may believe different ones. */
const singular: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'dpop',
  'host',
  'origin',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
  'upgrade',
]);

/** Query names under which clients are known to put tokens (RFC 6750 section 2.3, which nobody should use). */
const tokenNames: ReadonlySet<string> = new Set([
  'access_token',
  'token',
  'refresh_token',
  'id_token',
  'jwt',
]);

/**
 * What is wrong with a request before anything looks at its meaning. Node's parser keeps the first of two fields silently.
 *
 * @param queries whose the paths and the names in queries are: Castling's own, of which none is for a token; or an upstream's, which may call
 * anything a token, and then only a value that could be one of Castling's is refused
 */
export function requestFault(
  { rawHeaders, url = '', httpVersion }: Pick<IncomingMessage, 'rawHeaders' | 'url' | 'httpVersion'>,
  queries: 'ours' | 'theirs' = 'ours',
): ProblemCode | undefined {
  if (rawHeaders.length > listenerLimits.headers * 2) return 'header_too_large';
  const seen = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (singular.has(name) && seen.has(name)) return 'request_invalid';
    seen.add(name);
    // Node takes any list that ends with chunked, and leaves the codings before it to whoever reads the body.
    const isOtherCoding =
      name === 'transfer-encoding' && rawHeaders[index + 1]?.trim().toLowerCase() !== 'chunked';
    if (isOtherCoding) return 'request_invalid';
  }
  if (httpVersion !== '1.1') return 'http_version_unsupported';
  if (!isHost(rawHeaders)) return 'request_invalid';
  if (!url.startsWith('/') || url.startsWith('//')) return 'request_invalid';
  if (hasTokenInQuery(url, queries)) return 'token_in_url';
  // A fragment is the client's own affair (RFC 9112 section 3.2.1).
  if (url.includes('#')) return 'request_invalid';
  if (queries === 'ours') {
    if (url.length > targetMost) return 'target_too_long';
    if (!isPlainPath(pathOf(url))) return 'request_invalid';
  }
  if (seen.has('content-encoding')) return 'content_coding_unsupported';
  return undefined;
}

/** The path, without the query: all of a URL that a log may show. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** Host is there, and is a name or an address, with a port or without (RFC 9112 section 3.2). */
function isHost(rawHeaders: readonly string[]): boolean {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  return (
    at !== -1 && /^(?:[a-z\d._-]{1,253}|\[[a-f\d:.]{2,45}\])(?::\d{1,5})?$/i.test(rawHeaders[at + 1] ?? '')
  );
}

function hasTokenInQuery(url: string, queries: 'ours' | 'theirs'): boolean {
  const start = url.indexOf('?');
  if (start === -1) return false;
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) {
    if (tokenNames.has(name.toLowerCase()) && (queries === 'ours' || looksLikeOurs(value))) return true;
  }
  return false;
}

/** A JWT, or a refresh token. */
function looksLikeOurs(value: string): boolean {
  return value.startsWith('eyJ') || value.startsWith('crt_');
}
