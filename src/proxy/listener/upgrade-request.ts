import type { IncomingMessage } from 'node:http';
import type { ShownToken } from '../../auth/index.ts';
import type { ClosingCode } from '../../protocol/closings.ts';
import type { ProblemCode } from '../http/problem.ts';
import { pathOf, requestFault } from '../http/request-faults.ts';
import { shownToken } from '../http/shown-token.ts';

/** What becomes of an upgrade request. `close`: it is accepted, told why, and closed, since a browser hides the status. */
export type UpgradeVerdict =
  | { readonly kind: 'refuse'; readonly problem: ProblemCode }
  | { readonly kind: 'close'; readonly code: ClosingCode; readonly reason?: string }
  | { readonly kind: 'accept'; readonly opening: Opening };

/** What an upgrade says about who opens the socket. */
export interface Opening {
  /** What a proof of possession for this socket must be made for: its upgrade request, whichever message brings it. */
  readonly method: 'GET';
  readonly url: string;
  /** `undefined`: the first message brings the token. */
  readonly shown: ShownToken | undefined;
}

/** A token that came in a message of the socket that was opened so, with the proof beside it where there is one. */
export function shownIn(
  { method, url }: Opening,
  { token, proof }: { readonly token: string; readonly proof?: string | undefined },
): ShownToken {
  return proof === undefined ? { token } : { token, proof: { proof, method, url } };
}

export interface UpgradeRules {
  /** Pages of these may connect. */
  readonly origins: ReadonlySet<string>;
  /** What is spoken at this path; `undefined` when there is nothing. */
  readonly subprotocol: string | undefined;
}

/**
 * Decides about an upgrade (RFC 6455 section 4.2.1) before anything of it is accepted. A foreign `Origin` is refused by
 * status and not by close code: nothing of such a page is to become a WebSocket, not even for a moment (CWE-1385).
 */
export function judgeUpgrade(
  request: IncomingMessage,
  { origins, subprotocol }: UpgradeRules,
): UpgradeVerdict {
  const { headers, method } = request;
  const fault = requestFault(request);
  if (fault !== undefined) return { kind: 'refuse', problem: fault };
  if (method !== 'GET') return { kind: 'refuse', problem: 'method_not_allowed' };
  if (subprotocol === undefined) return { kind: 'refuse', problem: 'not_found' };
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    return { kind: 'refuse', problem: 'request_invalid' };
  }
  if (headers.upgrade?.toLowerCase() !== 'websocket') return { kind: 'refuse', problem: 'request_invalid' };
  if (headers['sec-websocket-version'] !== '13') return { kind: 'refuse', problem: 'websocket_expected' };
  if (!webSocketKey.test(headers['sec-websocket-key'] ?? ''))
    return { kind: 'refuse', problem: 'request_invalid' };
  if (!isFriendly(headers, origins)) return { kind: 'refuse', problem: 'origin_refused' };
  const offered = subprotocols(headers['sec-websocket-protocol']);
  if (offered.some(looksLikeToken)) return { kind: 'refuse', problem: 'token_in_subprotocol' };
  if (!offered.includes(subprotocol)) {
    return {
      kind: 'close',
      code: 'subprotocol_missing',
      reason: `Offer the WebSocket subprotocol ${subprotocol}.`,
    };
  }
  return withCredentials(request);
}

/**
 * Programs send no Origin. A page may come from this very server, by whatever name TLS let the browser reach it, or from
 * an origin that the operator lists; compared letter for letter with what browsers send (RFC 6454 section 6.2).
 */
function isFriendly({ origin, host }: IncomingMessage['headers'], listed: ReadonlySet<string>): boolean {
  return origin === undefined || origin === `https://${host}` || listed.has(origin);
}

/** 16 bytes in base64. */
const webSocketKey = /^[+/0-9A-Za-z]{22}==$/;

function withCredentials(request: IncomingMessage): UpgradeVerdict {
  const { headers, url = '' } = request;
  const place = { method: 'GET', url: `https://${headers.host ?? ''}${pathOf(url)}` } as const;
  const shown = shownToken(request);
  if (shown === 'invalid') return { kind: 'close', code: 'token_invalid' };
  return { kind: 'accept', opening: { ...place, shown: shown === 'none' ? undefined : shown } };
}

function subprotocols(header: string | undefined): string[] {
  return (header ?? '').split(',').map((text) => text.trim());
}

/** Our own tokens, and anything of a length that no protocol name has. */
function looksLikeToken(text: string): boolean {
  return text.length > 64 || text.startsWith('eyJ') || text.startsWith('crt_');
}
