/** The opening handshake of a WebSocket that this proxy passes on (RFC 6455 sections 4.1 and 4.2). */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '../../http/problem.ts';
import { type Fields, fieldTokens, fieldValue } from './fields.ts';
import { hasBody } from './request-body.ts';

/** 16 bytes in base64. */
const keyForm = /^[+/0-9A-Za-z]{22}==$/;
const keySalt = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Fields of the handshake that go upstream as they came: the two ends agree on subprotocol and extensions between them. */
const passed = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
];

/** What is wrong with a client's handshake; `undefined` when nothing is. No other protocol is switched to, h2c above all. */
export function handshakeFault(request: IncomingMessage): ProblemCode | undefined {
  const { headers, method } = request;
  if (method !== 'GET') return 'method_not_allowed';
  if (hasBody(request) || headers['content-length'] !== undefined) return 'request_invalid';
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 'request_invalid';
  if (!fieldTokens(headers, 'connection').includes('upgrade')) return 'request_invalid';
  if (headers['sec-websocket-version'] !== '13') return 'websocket_expected';
  return keyForm.test(headers['sec-websocket-key'] ?? '') ? undefined : 'request_invalid';
}

export function handshakeFields({ headers }: Pick<IncomingMessage, 'headers'>): Fields {
  return Object.fromEntries(
    passed.flatMap((name) => {
      const value = fieldValue(headers, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Whether an upstream's 101 is the answer to this handshake: it has read the key, and chose nothing that was not offered. One
 * that did not could be an HTTP server in whose answers a stranger's bytes appear.
 */
export function isAnswerTo({ headers }: Pick<IncomingMessage, 'headers'>, answer: Fields): boolean {
  const digest = createHash('sha1').update(`${headers['sec-websocket-key']}${keySalt}`).digest('base64');
  if (fieldValue(answer, 'sec-websocket-accept')?.trim() !== digest) return false;
  if (fieldValue(answer, 'upgrade')?.toLowerCase() !== 'websocket') return false;
  const chosen = fieldValue(answer, 'sec-websocket-protocol');
  const offered = (fieldValue(headers, 'sec-websocket-protocol') ?? '').split(',').map((text) => text.trim());
  if (chosen !== undefined && !offered.includes(chosen)) return false;
  const extensions = namesOf(fieldValue(answer, 'sec-websocket-extensions'));
  const wanted = namesOf(fieldValue(headers, 'sec-websocket-extensions'));
  return extensions.every((name) => wanted.includes(name));
}

function namesOf(extensions: string | undefined): string[] {
  return (extensions ?? '')
    .split(',')
    .map((text) => text.split(';')[0]?.trim() ?? '')
    .filter((name) => name !== '');
}
