import { STATUS_CODES } from 'node:http';

/** What the proxy itself refuses over HTTP; accounts have a catalogue of their own. RFC 9457. */
export const problems = {
  request_invalid: { status: 400, title: 'The request is not valid HTTP, or is ambiguous.' },
  token_in_url: { status: 400, title: 'An access token never goes into a URL.' },
  token_in_subprotocol: { status: 400, title: 'An access token never goes into the list of subprotocols.' },
  body_invalid: { status: 400, title: 'The request body cannot be read.' },
  not_signed_in: { status: 401, title: 'Sign in first: send an access token.' },
  session_ended: { status: 401, title: 'This session has ended; sign in again.' },
  route_refused: { status: 403, title: 'This account may not use this route; ask its operator.' },
  cross_site_refused: { status: 403, title: 'Pages of another origin may not do that here.' },
  origin_refused: { status: 403, title: 'Pages of this origin may not connect here.' },
  filtered: { status: 403, title: 'A rule of this server’s operator does not allow this.' },
  https_required: {
    status: 403,
    title: 'Use HTTPS. This came in the clear: if a secret was in it, change it.',
  },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, title: 'This address does not know that method.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time.' },
  body_too_large: { status: 413, title: 'The request body is too large.' },
  target_too_long: { status: 414, title: 'The address is too long.' },
  content_coding_unsupported: { status: 415, title: 'Send the body without a content coding.' },
  media_type_unsupported: { status: 415, title: 'Send application/json.' },
  websocket_expected: { status: 426, title: 'Connect here with WebSocket, version 13.' },
  rate_limited: { status: 429, title: 'Too many requests from this address; wait a moment.' },
  header_too_large: { status: 431, title: 'The header of the request is too large.' },
  internal: { status: 500, title: 'The server failed; nothing was changed.' },
  method_unimplemented: { status: 501, title: 'This server does not know that method.' },
  upstream_failed: { status: 502, title: 'The game server behind this address failed.' },
  upstream_answer_refused: { status: 502, title: 'The game server’s answer breaks a rule of this server.' },
  unavailable: { status: 503, title: 'The server cannot take this now; try again in a moment.' },
  upstream_unavailable: {
    status: 503,
    title: 'The game server cannot be reached now; try again in a moment.',
  },
  upstream_timeout: { status: 504, title: 'The game server did not answer in time.' },
  not_cached: { status: 504, title: 'There is no kept answer, and the request wanted no other.' },
  http_version_unsupported: { status: 505, title: 'Use HTTP/1.1.' },
} as const;

export type ProblemCode = keyof typeof problems;

/** Thrown by whoever answers a request; the app makes the answer of it. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;

  constructor(code: ProblemCode) {
    super(problems[code].title);
    this.code = code;
  }
}

export const problemType = 'application/problem+json; charset=utf-8';

/** What a policy's refusal adds. */
export interface ProblemDetail {
  readonly rule?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The document. Nothing of what was asked is repeated in it. */
export function problemBody(code: ProblemCode, requestId: string, detail: ProblemDetail = {}): string {
  const { status, title } = problems[code];
  return JSON.stringify({ type: `urn:castling:problem:${code}`, title, status, code, ...detail, requestId });
}

/** A whole answer, for places where there is no response object; the connection ends with it. */
export function rawProblem(
  code: ProblemCode,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): string {
  const { status } = problems[code];
  const body = problemBody(code, requestId);
  const fields = {
    ...headers,
    'content-type': problemType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    date: new Date().toUTCString(),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}
