import type { Pseudonym } from '../../protocol/ids.ts';
import type { Asker } from '../link/link.ts';
import { TextFrame } from '../text-frame.ts';

const prefix = Buffer.from('{"jsonrpc":"2.0","method":"match.event","params":');
const suffix = Buffer.from('}');

/** One logged event as this proxy gives it out: encoded once, whoever follows. */
export interface FeedEvent {
  readonly seq: number;
  /** The whole `match.event` notification. */
  readonly notification: TextFrame;
  /** The event alone, JSON; a view into the notification. */
  readonly body: Buffer;
  /** The players whose names stand in it. */
  readonly names: readonly Pseudonym[];
  /** Whose request this event answers; cleared when it is answered. */
  asker: Asker | undefined;
}

/** Copies `json`, so that the chunk that it came in can go. */
export function feedEvent(
  seq: number,
  json: string | Uint8Array,
  { asker, names = [] }: { readonly asker?: Asker | undefined; readonly names?: readonly Pseudonym[] } = {},
): FeedEvent {
  const notification = new TextFrame(prefix, json, suffix);
  const { payload } = notification;
  return {
    seq,
    notification,
    body: payload.subarray(prefix.length, payload.length - suffix.length),
    names,
    asker,
  };
}
