import type { LinkEvent } from '../../protocol/link-messages.ts';
import type { Asker } from '../link/link.ts';
import type { DisplayNames } from './display-names.ts';
import { dressEvent, playersOfEvent } from './dress.ts';
import { type FeedEvent, feedEvent } from './feed-event.ts';

interface Place {
  readonly asker: Asker | undefined;
  /** Undefined until its names are known. */
  event: FeedEvent | undefined;
}

/** Puts names on events without changing their order: one that waits for a name holds back those after it. */
export class DressingQueue {
  readonly #names: DisplayNames;
  readonly #publish: (event: FeedEvent) => void;
  #waiting: Place[] = [];

  constructor({ names, publish }: { names: DisplayNames; publish: (event: FeedEvent) => void }) {
    this.#names = names;
    this.#publish = publish;
  }

  /** An event that needs no name, or has it already. Published at once when nothing waits before it. */
  plain(event: FeedEvent): void {
    if (this.#waiting.length === 0) this.#publish(event);
    else this.#waiting.push({ asker: event.asker, event });
  }

  named(event: LinkEvent, asker: Asker | undefined): void {
    const place: Place = { asker, event: undefined };
    this.#waiting.push(place);
    const names = playersOfEvent(event);
    this.#names.resolve(names, (nameOf) => {
      place.event = feedEvent(event.seq, JSON.stringify(dressEvent(event, nameOf)), { asker, names });
      this.#publishReady();
    });
  }

  /** Forgets what waits; gives those who asked for it, who are still to be answered. */
  drop(): (Asker | undefined)[] {
    const dropped = this.#waiting;
    this.#waiting = [];
    return dropped.map(({ asker }) => asker);
  }

  #publishReady(): void {
    let first = this.#waiting[0];
    while (first?.event !== undefined) {
      this.#waiting.shift();
      this.#publish(first.event);
      first = this.#waiting[0];
    }
  }
}
