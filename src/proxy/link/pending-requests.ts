import { limits } from '../../protocol/limits.ts';
import { type Refusal, refuse } from '../../protocol/refusals.ts';
import type { BackendAsker, Channel, LinkRequest } from './link.ts';
import { NumberedMap } from './numbered-map.ts';

/** How long a request waits, in milliseconds: one that was never sent, and one whose answer was lost. */
const patience = { unsent: 5_000, unanswered: 10_000 } as const;

export interface Pending extends LinkRequest {
  readonly number: number;
  readonly bornAt: number;
  /** Sent on the connection that is up now; and ever. */
  sentNow: boolean;
  sentEver: boolean;
}

/** Requests without an answer, in the order of their birth. They outlive connections, and keep their numbers. */
export class PendingRequests implements Iterable<Pending> {
  readonly #requests = new NumberedMap<Pending>(limits.linkInFlight);
  /** What the backend lets wait at once. */
  most: number = limits.linkInFlight;

  /** `undefined` when as many wait as may; the last eighth of the places is for what is urgent. */
  add(request: LinkRequest, now: number): Pending | undefined {
    const most = request.isUrgent ? this.most : Math.ceil((this.most * 7) / 8);
    if (this.#requests.size >= most) return undefined;
    return this.#requests.add((number) => ({
      ...request,
      number,
      bornAt: now,
      sentNow: false,
      sentEver: false,
    }));
  }

  /** Takes out the one that is answered; `undefined` when its channel closed or its patience ended meanwhile. */
  take(number: number): BackendAsker | undefined {
    return this.#requests.take(number)?.asker;
  }

  forgetChannel(channel: Channel): void {
    for (const [number, pending] of this.#requests) {
      if (pending.channel === channel) this.#requests.delete(number);
    }
  }

  connectionLost(): void {
    for (const pending of this) pending.sentNow = false;
  }

  /** Whether an answer is due on the connection that is up. */
  get isAwaitingAnswers(): boolean {
    for (const pending of this) if (pending.sentNow) return true;
    return false;
  }

  /** Refuses what has waited too long. */
  refuseOverdue(now: number, refusal: Refusal): void {
    for (const pending of this) {
      const age = now - pending.bornAt;
      if (age < patience.unsent) return;
      if (pending.sentEver && age < patience.unanswered) continue;
      this.#requests.delete(pending.number);
      pending.asker.refused(refusal, false);
    }
  }

  /** Forgets them all, and gives whoever asked. */
  clear(): BackendAsker[] {
    const askers = Array.from(this, ({ asker }) => asker);
    for (const { number } of [...this]) this.#requests.delete(number);
    return askers;
  }

  refuseAll(): void {
    for (const pending of this) {
      this.#requests.delete(pending.number);
      pending.asker.refused(refuse('draining', { retryAfterMs: 1_000 }), false);
    }
  }

  *[Symbol.iterator](): Generator<Pending, void, undefined> {
    for (const [, pending] of this.#requests) yield pending;
  }
}
