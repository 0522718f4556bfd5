import { nodeDial } from '../../src/client/cli/node-dial.ts';
import type { Dial } from '../../src/client/transport.ts';

/** What came over the sockets of many players that their SDK would smooth over. */
export interface SocketCount {
  opened: number;
  closed: number;
  /** JSON-RPC errors, as they came. */
  readonly refusals: string[];
}

/** A dialler that counts, and otherwise is the SDK's own. */
export function countingDial(count: SocketCount): Dial {
  return ({ events, ...request }) =>
    nodeDial({
      ...request,
      events: {
        opened: (facts) => {
          count.opened += 1;
          events.opened(facts);
        },
        message: (text) => {
          if ('error' in (JSON.parse(text) as object)) count.refusals.push(text);
          events.message(text);
        },
        closed: (facts) => {
          count.closed += 1;
          events.closed(facts);
        },
      },
    });
}
