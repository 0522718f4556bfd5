import type { Decision } from './decision.ts';

/** Decisions that are remembered: refusals for want of budget, of connections and HTTP requests, and of players' messages. */
const mostOverspent = 2_048;
const mostOutside = 1_024;
const mostMessages = 4_096;

/**
 * The newest decisions of one process, for `castling why`. Who floods, and who searches a server for what it does not have, is
 * refused much and often; those refusals have places of their own, so that they push only each other out.
 */
export class RecentDecisions {
  readonly #now: () => number;
  readonly #overspent = new Ring(mostOverspent);
  readonly #outside = new Ring(mostOutside);
  readonly #messages = new Ring(mostMessages);

  /** `now`: Unix milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(noted: Omit<Decision, 'at'>): void {
    const decision = { at: this.#now(), ...noted };
    this.#ringFor(decision).push(decision);
  }

  find(requestId: string): Decision | undefined {
    return this.#messages.find(requestId) ?? this.#overspent.find(requestId) ?? this.#outside.find(requestId);
  }

  /** The newest, newest first. */
  latest(most: number): Decision[] {
    return [this.#overspent, this.#outside, this.#messages]
      .flatMap((ring) => ring.latest(most))
      .sort((a, b) => b.at - a.at)
      .slice(0, most);
  }

  #ringFor({ stage, code }: Decision): Ring {
    if (stage === 'connection' || stage === 'request' || stage === 'upgrade') return this.#outside;
    return code === 'rate_limited' || code === 'flood' ? this.#overspent : this.#messages;
  }
}

class Ring {
  readonly #slots: Decision[] = [];
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  push(decision: Decision): void {
    this.#slots[this.#next % this.#most] = decision;
    this.#next += 1;
  }

  find(requestId: string): Decision | undefined {
    return this.#slots.find((decision) => decision.requestId === requestId);
  }

  latest(most: number): Decision[] {
    const kept = Math.min(this.#next, this.#most, most);
    return Array.from({ length: kept }, (_, age) => this.#slots[(this.#next - 1 - age) % this.#most]).filter(
      (decision) => decision !== undefined,
    );
  }
}
