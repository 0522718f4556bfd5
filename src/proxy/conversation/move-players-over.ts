import { randomInt } from 'node:crypto';
import { type Timers, waitFor } from '../../process/timers.ts';
import { type LeavingSocket, leaveAndClose } from './leave-and-close.ts';

export interface MoveOver {
  /** Milliseconds after which the last has been told, whatever is under way. */
  readonly withinMs: number;
  /** Milliseconds after which a player may come back. */
  readonly comeBackMs: { readonly least: number; readonly most: number };
  readonly timers: Timers;
}

/** Sockets told in each millisecond, and the longest time over which the telling is spread, in milliseconds. */
const toldPerMs = 0.2;
const longestSpreadMs = 1_500;

/**
 * Tells every player to come back, by `session.closing` and then the close: in random order, some at a time, so that those who
 * come back do not come all at once. Until its turn comes a socket is served as ever. A move that is under way then is answered
 * first.
 */
export async function movePlayersOver(
  sockets: Iterable<LeavingSocket>,
  { withinMs, comeBackMs, timers }: MoveOver,
): Promise<void> {
  const order = shuffled([...sockets]);
  const beganAt = timers.now();
  const spreadMs = Math.min(order.length / toldPerMs, longestSpreadMs, withinMs);
  const left: Promise<void>[] = [];
  for (const [place, socket] of order.entries()) {
    const due = beganAt + (place / order.length) * spreadMs;
    // One wait for all that fall due in the same moment.
    if (due > timers.now()) await waitFor(timers, due - timers.now());
    const retryAfterMs = randomInt(comeBackMs.least, comeBackMs.most);
    left.push(
      leaveAndClose(socket, {
        code: 'restarting',
        detail: { retryAfterMs },
        refusal: 'draining',
        patienceMs: Math.max(0, beganAt + withinMs - timers.now()),
      }),
    );
  }
  await Promise.all(left);
}

/** Fisher and Yates. */
function shuffled<Item>(items: Item[]): Item[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other] as Item, items[last] as Item];
  }
  return items;
}
