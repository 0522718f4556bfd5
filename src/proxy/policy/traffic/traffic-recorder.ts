import { gameRoute, upgradeKind } from '../filters/kinds.ts';
import type { Caller } from '../limits/caller.ts';
import type { RequestFacts } from '../policy.ts';
import type { Asking } from '../rules.ts';
import { maskAddress } from './mask-address.ts';
import type { TrafficRecord } from './traffic-record.ts';

export interface TrafficRecorderOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Keep networks in place of addresses. */
  readonly maskAddresses: boolean;
}

type What = TrafficRecord extends infer One ? (One extends unknown ? Omit<One, 't' | 'c'> : never) : never;

/** Records that wait to be read. Who reads more slowly than they come gets some, and is told how many were lost. */
const mostWaiting = 50_000;
/** Characters of an origin: more than a rule can name. */
const mostOrigin = 300;
/** Players and sessions that are told apart in one capture. */
const mostNumbered = 1_000_000;
/** Milliseconds for which records are gathered before they are given out, and how many at once. */
const gatherMs = 200;
const mostAtOnce = 2_000;
const quietRounds = 25;

/** Writes down what comes to the policy, for a replay against other rules. Given out in batches until it is stopped. */
export class TrafficRecorder {
  readonly #options: TrafficRecorderOptions;
  readonly #startedAt: number;
  readonly #connections = new WeakMap<Caller, number>();
  readonly #players = new Numbers();
  readonly #sessions = new Numbers();
  #waiting: TrafficRecord[] = [];
  #lost = 0;
  #nextConnection = 0;

  constructor(options: TrafficRecorderOptions) {
    this.#options = options;
    this.#startedAt = options.now();
  }

  connected(caller: Caller): void {
    this.#connections.set(caller, this.#begin(caller.address));
  }

  requested(caller: Caller, { route, kind, origin }: RequestFacts): void {
    this.#note(caller, { e: 'request', r: route, k: kind, o: originIn(origin) });
  }

  /** One that was refused: it comes and goes. */
  turnedAway(address: string, requestId: string | undefined): void {
    const c = this.#begin(address);
    if (requestId !== undefined) this.#keep({ t: this.#elapsed(), c, e: 'id', i: requestId });
    this.#keep({ t: this.#elapsed(), c, e: 'end' });
  }

  signedIn(caller: Caller, who: NonNullable<Caller['sender']>): void {
    const [p, s] = [this.#players.of(who.player), this.#sessions.of(who.session)];
    this.#note(caller, { e: 'signIn', p, s });
  }

  message(
    { caller, filter }: Pick<Asking, 'caller' | 'filter'>,
    { kind, bytes, isTurn }: { readonly kind: string; readonly bytes: number; readonly isTurn: boolean },
  ): void {
    if (!this.#connections.has(caller)) {
      const { origin = 'none' } = filter.facts;
      this.requested(caller, { route: gameRoute, kind: upgradeKind, origin });
    }
    this.#note(caller, { e: 'message', k: kind, b: bytes, ...(isTurn && { turn: true as const }) });
  }

  /** What the caller asked last has this request id. */
  known(caller: Caller, requestId: string): void {
    if (this.#connections.has(caller)) this.#note(caller, { e: 'id', i: requestId });
  }

  control(caller: Caller): void {
    this.#note(caller, { e: 'control' });
  }

  unmade(caller: Caller): void {
    this.#note(caller, { e: 'unmade' });
  }

  ended(caller: Caller): void {
    if (this.#connections.has(caller)) this.#note(caller, { e: 'end' });
  }

  /** Batches, until `signal` is aborted. An empty one now and then says that nothing came. */
  async *batches(signal: AbortSignal): AsyncGenerator<TrafficRecord[], void, undefined> {
    for (let quiet = 0; !signal.aborted; quiet += 1) {
      await pause(gatherMs, signal);
      if (this.#waiting.length === 0 && quiet < quietRounds) continue;
      do yield this.#waiting.splice(0, mostAtOnce);
      while (this.#waiting.length > 0);
      quiet = 0;
    }
  }

  #note(caller: Caller, what: What): void {
    const c = this.#connections.get(caller) ?? this.#beginLate(caller);
    this.#keep({ t: this.#elapsed(), c, ...what } as TrafficRecord);
  }

  /** Of a connection that was there before. */
  #beginLate(caller: Caller): number {
    const c = this.#begin(caller.address, { before: true });
    this.#connections.set(caller, c);
    if (caller.sender !== undefined) this.signedIn(caller, caller.sender);
    return c;
  }

  #begin(address: string, { before = false } = {}): number {
    const c = this.#nextConnection;
    this.#nextConnection += 1;
    const a = this.#options.maskAddresses ? maskAddress(address) : address;
    this.#keep({ t: this.#elapsed(), c, e: 'connect', a, ...(before && { before: true }) });
    return c;
  }

  #keep(record: TrafficRecord): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#lost += 1;
      return;
    }
    if (this.#lost > 0) {
      this.#waiting.push({ t: record.t, e: 'lost', n: this.#lost });
      this.#lost = 0;
    }
    this.#waiting.push(record);
  }

  /** To the microsecond: enough for a bucket, and short in a file. */
  #elapsed(): number {
    return Math.round((this.#options.now() - this.#startedAt) * 1_000) / 1_000;
  }
}

/** Clients may write anything into the field; only what a rule can name is kept. */
function originIn(field: string): string {
  if (field === 'none' || field === 'null') return field;
  return field.length <= mostOrigin && URL.canParse(field) && new URL(field).origin === field
    ? field
    : 'other';
}

/** Numbers for ids, in the order in which they come. */
class Numbers {
  readonly #known = new Map<string, number>();

  of(id: string): number {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // Beyond the bound all share one number: they count as one sender, and the limits look stricter than they are.
    const number = this.#known.size;
    if (number < mostNumbered) this.#known.set(id, number);
    return number;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
