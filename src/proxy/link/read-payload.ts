import { LinkError } from './link-error.ts';

/**
 * Reads a payload that the backend wrote. The link is mutually authenticated and its types are the contract, so the
 * shape is taken as given; text that is no JSON object at all is a breach of the protocol.
 *
 * @throws LinkError `protocol_error`.
 */
export function readPayload<Message extends object>(payload: Uint8Array): Message {
  let value: unknown;
  try {
    value = JSON.parse(textOf(payload));
  } catch (cause) {
    throw new LinkError('protocol_error', { cause });
  }
  if (typeof value !== 'object' || value === null) throw new LinkError('protocol_error');
  return value as Message;
}

/** The payload as text; a copy, so that it outlives the chunk that it came in. */
export function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}
