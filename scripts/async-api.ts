/**
 * The player protocol as an AsyncAPI 3.0 document, made from the schemas that also validate every message.
 * `node scripts/async-api.ts` writes it to docs/asyncapi.json; a test compares the file with what this gives.
 */
import { writeFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { playPath, playSubprotocol } from '../src/protocol/player-messages.ts';
import {
  Follow,
  MatchEvent,
  MatchListItem,
  MatchResult,
  MatchSnapshot,
  methods,
  notifications,
  SeatView,
  SessionInfo,
} from '../src/protocol/player-schemas.ts';
import { refusals } from '../src/protocol/refusals.ts';

type Document = { readonly [key: string]: unknown };

const requestId = { oneOf: [{ type: 'string', maxLength: 64 }, { type: 'integer' }] };
const version = { const: '2.0' };

/** Message names hold no dots, since references walk by them. */
const messageName = (method: string, kind: string) => `${method.replace('.', '_')}_${kind}`;

function envelope(properties: { readonly [name: string]: unknown }): Document {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

function requestMessage(method: string, params: TSchema): Document {
  return {
    name: method,
    payload: envelope({ jsonrpc: version, id: requestId, method: { const: method }, params }),
  };
}

function resultMessage(method: string, result: TSchema): Document {
  return { name: `${method} result`, payload: envelope({ jsonrpc: version, id: requestId, result }) };
}

function notificationMessage(method: string, params: TSchema, delivery: string): Document {
  return {
    name: method,
    description: `Delivery: ${delivery}.`,
    payload: envelope({ jsonrpc: version, method: { const: method }, params }),
  };
}

const refusalMessage: Document = {
  name: 'refusal',
  payload: envelope({
    jsonrpc: version,
    id: { oneOf: [...requestId.oneOf, { type: 'null' }] },
    error: envelope({
      code: { enum: Object.values(refusals).map(({ rpc }) => rpc) },
      message: { type: 'string' },
      data: {
        type: 'object',
        required: ['code', 'reason', 'requestId'],
        properties: {
          code: { enum: Object.keys(refusals) },
          reason: { type: 'string' },
          rule: { type: 'string' },
          retryAfterMs: { type: 'integer', minimum: 0 },
          missed: { type: 'array', items: { type: 'object' } },
          requestId: { type: 'string' },
        },
      },
    }),
  }),
};

const messageReference = (name: string) => ({ $ref: `#/channels/play/messages/${name}` });

/** The whole document, as plain JSON. */
export function asyncApi(): Document {
  const asked = Object.entries(methods);
  const told = Object.entries(notifications);
  const messages = Object.fromEntries([
    ...asked.map(([method, { params }]) => [messageName(method, 'request'), requestMessage(method, params)]),
    ...asked.map(([method, { result }]) => [messageName(method, 'result'), resultMessage(method, result)]),
    ...told.map(([method, { params, delivery }]) => [
      messageName(method, 'notification'),
      notificationMessage(method, params, delivery),
    ]),
    ['refusal', refusalMessage],
  ]);
  const requestOperations = asked.map(([method]) => [
    messageName(method, 'call'),
    {
      action: 'receive',
      channel: { $ref: '#/channels/play' },
      messages: [messageReference(messageName(method, 'request'))],
      reply: {
        channel: { $ref: '#/channels/play' },
        messages: [messageReference(messageName(method, 'result')), messageReference('refusal')],
      },
    },
  ]);
  const notifyOperation = {
    action: 'send',
    channel: { $ref: '#/channels/play' },
    messages: told.map(([method]) => messageReference(messageName(method, 'notification'))),
  };
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'Castling player protocol',
      version: playSubprotocol,
      description: 'JSON-RPC 2.0 in WebSocket text frames. The prose is in src/protocol/PROTOCOL.md.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { local: { host: 'localhost:8443', protocol: 'wss', description: 'The address of npm start.' } },
    channels: {
      play: {
        address: playPath,
        description: `WebSocket subprotocol ${playSubprotocol}.`,
        messages,
      },
    },
    operations: Object.fromEntries([...requestOperations, ['notify', notifyOperation]]),
  };
  const components = Object.fromEntries(
    [...shared].map(([schema, name]) => [name, withReferences(schema, schema)]),
  );
  return JSON.parse(
    JSON.stringify({ ...(withReferences(document) as Document), components: { schemas: components } }),
  ) as Document;
}

/** Schemas that occur in many places: written once, and referred to. */
const shared = new Map<unknown, string>(
  Object.entries({
    MatchEvent,
    MatchSnapshot,
    MatchResult,
    MatchListItem,
    SeatView,
    Follow,
    SessionInfo,
  }).map(([name, schema]) => [schema, name]),
);

function withReferences(value: unknown, except?: unknown): unknown {
  const name = shared.get(value);
  if (name !== undefined && value !== except) return { $ref: `#/components/schemas/${name}` };
  if (Array.isArray(value)) return value.map((item) => withReferences(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withReferences(item)]));
}

if (import.meta.main) {
  const file = new URL('../docs/asyncapi.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(asyncApi(), undefined, 2)}\n`);
}
