import { OperatorError } from '../../process/operator-error.ts';
import { PROVEN_AFTER_MS, restartDelay } from '../../process/restart-delay.ts';
import { type Timers, waitFor } from '../../process/timers.ts';
import type { Worker, WorkerEnd } from './worker-process.ts';

export interface WorkerPoolOptions {
  readonly start: (number: number) => Worker;
  /** Whether a player could play by way of this worker now. */
  readonly isReady: (worker: Worker) => Promise<boolean>;
  readonly timers: Timers;
  /** In [0, 1), for the jitter of restarts. */
  readonly random: () => number;
  readonly onEvent: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  | { readonly kind: 'started'; readonly worker: number; readonly pid: number | undefined }
  | { readonly kind: 'died'; readonly worker: number; readonly end: WorkerEnd; readonly restartInMs: number }
  | { readonly kind: 'replacing'; readonly worker: number }
  | { readonly kind: 'left'; readonly worker: number; readonly end: WorkerEnd };

/** One worker put in the place of another. */
export interface Replacement {
  readonly worker: number;
  readonly pid: number | undefined;
  /** The process id of the one before, if one lived. */
  readonly replaced: number | undefined;
}

/** What happened to the first worker, before any was up. */
export class NoWorkerBegan extends Error {
  readonly end: WorkerEnd;

  constructor(end: WorkerEnd) {
    super('The first worker ended before it was up.', { cause: end.error });
    this.name = 'NoWorkerBegan';
    this.end = end;
  }
}

/** One of the places for workers. */
interface Place {
  readonly number: number;
  /** The one that serves here, or begins to. */
  worker: Worker | undefined;
  startedAt: number;
  deathsInARow: number;
  cancelRestart: (() => void) | undefined;
  /** Its worker is being replaced; whatever ends in the meantime needs no restart. */
  isReplaced: boolean;
}

/** Milliseconds for a replacement to become ready, between two looks, and for a worker to drain. */
const readyWithinMs = 10_000;
const lookEveryMs = 50;
const drainWithinMs = 11_000;

/**
 * Keeps so many workers alive, one in each place.
 *
 * ```
 *          start           up                  died
 *   empty ──────▶ beginning ──▶ serving ─────────────────────▶ empty, restart later
 *                                │    │ leaves by itself
 *                                │    └──────────────────────▶ empty, restart now ┐ the one before
 *                                └ replaced: the next is ready ▶ serving (next)   ┘ drains to its end
 * ```
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: Place[] = [];
  /** Those that drain. */
  readonly #leaving = new Set<Worker>();
  /** The first of all, before it is up. */
  #first: Worker | undefined;
  #isReplacing = false;
  #isStopping = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Those that take connections. */
  get serving(): Worker[] {
    return this.#places.flatMap(({ worker }) => (worker?.isServing ? [worker] : []));
  }

  /** Begins the first worker, and once that is up the others. @throws NoWorkerBegan; OperatorError when it is stopping already */
  async start(count: number): Promise<void> {
    if (this.#isStopping) throw stopping();
    const first = this.#addPlace();
    const worker = this.#launch(first);
    this.#first = worker;
    const end = await Promise.race([worker.up, worker.over]);
    this.#first = undefined;
    if (end !== undefined) throw new NoWorkerBegan(end);
    this.#settle(first, worker);
    this.resize(count);
  }

  /** Begins workers, or drains those in the last places. */
  resize(count: number): void {
    if (this.#isStopping) return;
    while (this.#places.length < count) {
      const place = this.#addPlace();
      this.#settle(place, this.#launch(place));
    }
    for (const place of this.#places.splice(count)) this.#empty(place, { replaced: true });
  }

  /**
   * Puts a new worker in every place, one after another: the new one is ready before the old one drains, and that has ended
   * before the next place's turn comes.
   *
   * @throws OperatorError when a new worker does not become ready (the old one stays), or another replacement goes on
   */
  async *replace(): AsyncGenerator<Replacement, void, undefined> {
    if (this.#isReplacing) {
      throw new OperatorError('usage', 'The workers are being replaced already; wait until that is over.');
    }
    this.#isReplacing = true;
    try {
      for (const place of this.#places) yield await this.#replaceIn(place);
    } finally {
      this.#isReplacing = false;
    }
  }

  /** Drains all; the first of all, which serves nobody before it is up, is ended. Resolves when none lives. */
  async drain(): Promise<void> {
    this.#isStopping = true;
    const first = this.#first;
    first?.kill();
    for (const place of this.#places) this.#empty(place, { replaced: false });
    await Promise.all([first?.over, ...[...this.#leaving].map(({ over }) => over)]);
  }

  /** Ends all at once. */
  kill(): void {
    this.#isStopping = true;
    this.#first?.kill();
    for (const { worker, cancelRestart } of this.#places) {
      cancelRestart?.();
      worker?.kill();
    }
    for (const worker of this.#leaving) worker.kill();
  }

  #addPlace(): Place {
    const place: Place = {
      number: this.#places.length + 1,
      worker: undefined,
      startedAt: 0,
      deathsInARow: 0,
      cancelRestart: undefined,
      isReplaced: false,
    };
    this.#places.push(place);
    return place;
  }

  #empty(place: Place, { replaced }: { readonly replaced: boolean }): void {
    const { worker, cancelRestart } = place;
    cancelRestart?.();
    place.worker = undefined;
    if (worker !== undefined) this.#retire(worker, { replaced });
  }

  #launch(place: Place): Worker {
    const worker = this.#options.start(place.number);
    this.#options.onEvent({ kind: 'started', worker: place.number, pid: worker.pid });
    return worker;
  }

  /** Gives a worker its place, and looks after it there. */
  #settle(place: Place, worker: Worker): void {
    place.worker = worker;
    place.startedAt = this.#options.timers.now();
    place.cancelRestart = undefined;
    if (this.#isStopping || !this.#places.includes(place)) {
      this.#empty(place, { replaced: !this.#isStopping });
      return;
    }
    void worker.leaving.then(() => this.#left(place, worker));
    void worker.over.then((end) => this.#died(place, worker, end));
  }

  /** It was told to drain by somebody else: another is begun while it does. */
  #left(place: Place, worker: Worker): void {
    if (place.worker !== worker || this.#isStopping) return;
    place.worker = undefined;
    this.#retire(worker, { replaced: true });
    if (!place.isReplaced) this.#settle(place, this.#launch(place));
  }

  #died(place: Place, worker: Worker, end: WorkerEnd): void {
    if (place.worker !== worker || this.#isStopping) return;
    const { timers, random, onEvent } = this.#options;
    place.worker = undefined;
    const hadStartedWell = timers.now() - place.startedAt >= PROVEN_AFTER_MS;
    place.deathsInARow = hadStartedWell ? 1 : place.deathsInARow + 1;
    const restartInMs = place.isReplaced ? 0 : restartDelay(place.deathsInARow, random());
    onEvent({ kind: 'died', worker: place.number, end, restartInMs });
    if (!place.isReplaced) this.#restartIn(place, restartInMs);
  }

  #restartIn(place: Place, ms: number): void {
    place.cancelRestart = this.#options.timers.after(ms, () => this.#settle(place, this.#launch(place)));
  }

  async #replaceIn(place: Place): Promise<Replacement> {
    if (this.#isStopping) throw stopping();
    this.#options.onEvent({ kind: 'replacing', worker: place.number });
    place.isReplaced = true;
    place.cancelRestart?.();
    const next = this.#launch(place);
    try {
      // Known before it has a place, so that a stop finds it.
      this.#leaving.add(next);
      await this.#untilReady(next, place);
    } catch (error) {
      next.kill();
      if (place.worker === undefined && !this.#isStopping) this.#restartIn(place, 0);
      throw error;
    } finally {
      this.#leaving.delete(next);
      place.isReplaced = false;
    }
    const before = place.worker;
    this.#settle(place, next);
    place.deathsInARow = 0;
    if (before !== undefined) this.#retire(before, { replaced: true });
    await Promise.all([...this.#leaving].map(({ over }) => over));
    return { worker: place.number, pid: next.pid, replaced: before?.pid };
  }

  /** Ready, or at least no worse than the one before. */
  async #untilReady(next: Worker, { worker: before, number }: Place): Promise<void> {
    const { timers, isReady } = this.#options;
    const end = await Promise.race([next.up, next.over]);
    if (end !== undefined) throw failed(`The new worker ${number} could not start, as its log says`);
    const deadline = timers.now() + readyWithinMs;
    for (;;) {
      if (this.#isStopping) throw stopping();
      if (!next.isServing) throw failed(`The new worker ${number} did not live`);
      if (await isReady(next)) return;
      if (before === undefined || !(await isReady(before))) return;
      if (timers.now() > deadline) throw failed(`The new worker ${number} did not become ready`);
      await waitFor(timers, lookEveryMs);
    }
  }

  #retire(worker: Worker, { replaced }: { readonly replaced: boolean }): void {
    this.#leaving.add(worker);
    worker.drain({ replaced, deadlineMs: drainWithinMs });
    void worker.over.then((end) => {
      this.#leaving.delete(worker);
      this.#options.onEvent({ kind: 'left', worker: worker.number, end });
    });
  }
}

function stopping(): OperatorError {
  return new OperatorError('unavailable', 'Castling is stopping.');
}

function failed(what: string): OperatorError {
  return new OperatorError('child_failed', `${what}; the old ones go on.`);
}
