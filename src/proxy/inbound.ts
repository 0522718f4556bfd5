/** Stage 3: bytes → typed request, refusal, or violation. Total: no input makes it throw. */
import { Compile, type Validator } from 'typebox/compile';
import type { Method, PlayerRequest, RequestId } from '../protocol/player-messages.ts';
import { methods } from '../protocol/player-schemas.ts';
import { type Refusal, refuse } from '../protocol/refusals.ts';
import { parseStrictJson } from '../protocol/strict-json.ts';

declare const read: unique symbol;
/** A request whose parameters fit their schema; only this stage makes one. */
export type Inbound = PlayerRequest & { readonly [read]: true };

export type Reading =
  | { readonly kind: 'request'; readonly request: Inbound }
  /** Lawful but not possible; the socket stays. */
  | { readonly kind: 'refusal'; readonly id: RequestId; readonly refusal: Refusal }
  /** Answered with id null, and the socket closes. */
  | { readonly kind: 'violation'; readonly refusal: Refusal };

const validators: ReadonlyMap<string, Validator> = new Map(
  Object.entries(methods).map(([method, { params }]) => [method, Compile(params)]),
);

const members: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

/** Reads one text message, valid UTF-8, whose size has been checked. */
export function readMessage(text: string): Reading {
  const reading = parseStrictJson(text);
  if (!reading.ok) return violation('parse_error', `The message cannot be read: ${reading.reason}.`);
  const message = reading.value;
  if (Array.isArray(message)) return violation('invalid_request', 'Batches are not accepted.');
  if (typeof message !== 'object' || message === null) return violation('invalid_request');
  const { jsonrpc, id, method, params = {} } = message as { readonly [member: string]: unknown };
  if (jsonrpc !== '2.0' || typeof method !== 'string') return violation('invalid_request');
  if (!isRequestId(id)) {
    return violation('invalid_request', 'The id is a string of at most 64 characters or a safe integer.');
  }
  for (const member in message) if (!members.has(member)) return violation('invalid_request');
  return readParams(id, method, params);
}

function readParams(id: RequestId, method: string, params: unknown): Reading {
  const validator = validators.get(method);
  if (validator === undefined) return { kind: 'refusal', id, refusal: refuse('method_unknown') };
  if (!validator.Check(params)) {
    return { kind: 'refusal', id, refusal: refuse('params_invalid', { reason: faultOf(validator, params) }) };
  }
  const request = { id, method: method as Method, params } as Inbound;
  const fault = faultBetween(request);
  return fault === undefined
    ? { kind: 'request', request }
    : { kind: 'refusal', id, refusal: refuse('params_invalid', { reason: fault }) };
}

/** What no schema of a single field can say. */
function faultBetween(request: PlayerRequest): string | undefined {
  switch (request.method) {
    case 'match.join':
    case 'match.watch':
    case 'match.get':
      return (request.params.match === undefined) === (request.params.code === undefined)
        ? 'Give either match or code.'
        : undefined;
    default:
      return undefined;
  }
}

/** Names the place and not the value: what was sent may be anything. */
function faultOf(validator: Validator, params: unknown): string {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return 'params is an object.';
  const [fault] = validator.Errors(params);
  const place = fault?.instancePath.slice(1, 65) ?? '';
  const message = fault?.message ?? 'does not fit the method';
  return place === '' ? `params ${message}.` : `params.${place} ${message}.`;
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= 64 : Number.isSafeInteger(id);
}

function violation(code: 'parse_error' | 'invalid_request', reason?: string): Reading {
  return { kind: 'violation', refusal: refuse(code, reason === undefined ? {} : { reason }) };
}
