import { ExitCode } from '../process/exit-code.ts';
import { PROVEN_AFTER_MS, restartDelay } from '../process/restart-delay.ts';
import type { Timers } from '../process/timers.ts';

/** How a process ended: with a code, by a signal, or without having started. */
export type ChildEnd = { code: number | null; signal: string | null; error?: Error };

/** One run of a child. `onEnd` is called exactly once, and not before `launch` has returned. */
export type ChildRun = {
  readonly pid: number | undefined;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Asks it to read its files again; one that is not up yet reads them anyway. */
  reread(): void;
};
export type Launch = (onEnd: (end: ChildEnd) => void) => ChildRun;

export type ChildEvent =
  | { kind: 'started'; pid: number | undefined }
  | { kind: 'died'; end: ChildEnd; restartInMs: number }
  | { kind: 'gave-up'; end: ChildEnd }
  | { kind: 'stopped'; end: ChildEnd | undefined };

export type SupervisedChildOptions = {
  launch: Launch;
  timers: Timers;
  /** In [0, 1), for the jitter of restarts. */
  random: () => number;
  onEvent: (event: ChildEvent) => void;
};

type State =
  | { is: 'idle' }
  | { is: 'running'; run: ChildRun; startedAt: number }
  | { is: 'waiting'; cancel: () => void }
  | { is: 'stopping'; run: ChildRun; cancelKill: () => void }
  | { is: 'over' };

/**
 * Keeps one child process alive until told to stop.
 *
 * ```
 *          start()             ends                 delay over
 *   idle ──────────▶ running ────────▶ waiting ─────────────────▶ running
 *                     │    │              │
 *                     │    │ends with 78  │stop()
 *               stop()│    └──────────┐   │
 *                     ▼               ▼   ▼
 *                  stopping ──ends──▶  over
 *                     └─ deadline: SIGKILL, then ends
 * ```
 *
 * At most one run is alive at any time, and none is begun after `stop()`. Exit code 78 means that a restart cannot
 * cure it: the child is given up.
 */
export class SupervisedChild {
  readonly #options: SupervisedChildOptions;
  #state: State = { is: 'idle' };
  #deathsInARow = 0;
  readonly #over = Promise.withResolvers<void>();

  constructor(options: SupervisedChildOptions) {
    this.#options = options;
  }

  /** The process id of the run that is alive, if any. */
  get pid(): number | undefined {
    return 'run' in this.#state ? this.#state.run.pid : undefined;
  }

  /** Begins the first run. Later calls do nothing. */
  start(): void {
    if (this.#state.is === 'idle') this.#launch();
  }

  /**
   * Asks the child to drain and forgets about restarts; kills it when the deadline (milliseconds) passes. Resolves
   * once no run is alive; a second call waits for the same end.
   */
  stop(deadlineMs: number): Promise<void> {
    const { timers } = this.#options;
    const state = this.#state;
    if (state.is === 'running') {
      const cancelKill = timers.after(deadlineMs, () => state.run.kill('SIGKILL'));
      this.#state = { is: 'stopping', run: state.run, cancelKill };
      state.run.kill('SIGTERM');
    } else if (state.is === 'waiting' || state.is === 'idle') {
      if (state.is === 'waiting') state.cancel();
      this.#finish({ kind: 'stopped', end: undefined });
    }
    return this.#over.promise;
  }

  /** Ends the run that is alive at once, without a drain, and begins no other. */
  kill(): void {
    const state = this.#state;
    void this.stop(0);
    if ('run' in state) state.run.kill('SIGKILL');
  }

  reread(): void {
    if (this.#state.is === 'running') this.#state.run.reread();
  }

  #launch(): void {
    const { launch, timers, onEvent } = this.#options;
    const run = launch((end) => this.#ended(end));
    this.#state = { is: 'running', run, startedAt: timers.now() };
    onEvent({ kind: 'started', pid: run.pid });
  }

  #ended(end: ChildEnd): void {
    const state = this.#state;
    if (state.is === 'stopping') {
      state.cancelKill();
      this.#finish({ kind: 'stopped', end });
    } else if (state.is === 'running') {
      if (end.code === ExitCode.configuration) this.#finish({ kind: 'gave-up', end });
      else this.#restartLater(end, state.startedAt);
    }
  }

  #restartLater(end: ChildEnd, startedAt: number): void {
    const { timers, random, onEvent } = this.#options;
    const hadStartedWell = timers.now() - startedAt >= PROVEN_AFTER_MS;
    this.#deathsInARow = hadStartedWell ? 1 : this.#deathsInARow + 1;
    const restartInMs = restartDelay(this.#deathsInARow, random());
    this.#state = { is: 'waiting', cancel: timers.after(restartInMs, () => this.#launch()) };
    onEvent({ kind: 'died', end, restartInMs });
  }

  #finish(event: ChildEvent): void {
    this.#state = { is: 'over' };
    this.#over.resolve();
    this.#options.onEvent(event);
  }
}
