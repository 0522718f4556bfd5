import type { FeedEvent } from './feed-event.ts';

/** The newest events of a stream: contiguous, bounded in count and in bytes, oldest dropped first. */
export class RecentEvents {
  #events: (FeedEvent | undefined)[] = [];
  /** Index of the oldest one kept; what lies before it has been dropped. */
  #start = 0;
  #bytes = 0;
  #head: number;
  readonly #mostEvents: number;
  readonly #mostBytes: number;

  /** `head` is the sequence before the first event to come. */
  constructor(head: number, { mostEvents = 256, mostBytes = 256 * 1024 } = {}) {
    this.#head = head;
    this.#mostEvents = mostEvents;
    this.#mostBytes = mostBytes;
  }

  /** The newest sequence, kept or not. */
  get head(): number {
    return this.#head;
  }

  /** Everything after this sequence is kept. */
  get floor(): number {
    return this.#head - (this.#events.length - this.#start);
  }

  /** Takes the event after the head. */
  push(event: FeedEvent): void {
    if (event.seq !== this.#head + 1)
      throw new RangeError(`event ${event.seq} does not follow ${this.#head}`);
    this.#events.push(event);
    this.#head = event.seq;
    this.#bytes += event.notification.length;
    while (this.#events.length - this.#start > this.#mostEvents || this.#bytes > this.#mostBytes)
      this.#drop();
    if (this.#start > this.#mostEvents) {
      this.#events = this.#events.slice(this.#start);
      this.#start = 0;
    }
  }

  /** `undefined` when it is not kept. */
  at(seq: number): FeedEvent | undefined {
    const floor = this.floor;
    return seq <= floor || seq > this.#head ? undefined : this.#events[this.#start + (seq - floor - 1)];
  }

  /** Keeps only what comes after the last event that fits. */
  dropThroughLast(fits: (event: FeedEvent) => boolean): void {
    for (let seq = this.#head; seq > this.floor; seq -= 1) {
      const event = this.at(seq);
      if (event === undefined || !fits(event)) continue;
      while (this.floor < seq) this.#drop();
      return;
    }
  }

  #drop(): void {
    this.#bytes -= this.#events[this.#start]?.notification.length ?? 0;
    this.#events[this.#start] = undefined;
    this.#start += 1;
  }
}
