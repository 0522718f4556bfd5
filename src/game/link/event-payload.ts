import type { LinkEvent } from '../../protocol/link-messages.ts';

const sequenceBytes = 4;
const encoded = new WeakMap<LinkEvent, Uint8Array>();

/**
 * The payload of an event frame: the sequence, then JSON. Made once for each view of an event, however many
 * connections it goes to.
 */
export function eventPayload(event: LinkEvent): Uint8Array {
  let payload = encoded.get(event);
  if (payload === undefined) {
    const json = JSON.stringify(event);
    payload = Buffer.allocUnsafe(sequenceBytes + Buffer.byteLength(json));
    new DataView(payload.buffer, payload.byteOffset).setUint32(0, event.seq);
    (payload as Buffer).write(json, sequenceBytes);
    encoded.set(event, payload);
  }
  return payload;
}

/** Whether the JSON of these events holds pseudonyms. */
export function namesPlayers(events: readonly { readonly type: string }[]): boolean {
  return events.some(({ type }) => type === 'joined');
}
