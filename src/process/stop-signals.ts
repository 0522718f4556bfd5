import { ExitCode } from './exit-code.ts';

/** Why the process is to stop: a signal, the process that supervised it is gone, or it has asked in words. */
export type StopReason = 'SIGTERM' | 'SIGINT' | 'parent-gone' | 'asked';

/** What is watched and ended; `process` in earnest, a stand-in under test. */
export type StoppableProcess = {
  on(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  off(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  exit(code: number): void;
  /** True while an IPC channel to a parent is open: then the parent supervises this process. */
  connected?: boolean;
};

export type StopOptions = {
  /** How long the drain may take, in milliseconds, before the process ends without it. Default 10,000. */
  deadlineMs?: number;
  /** Called when something happens that the log should tell. */
  onStop?: (event: StopEvent) => void;
  process?: StoppableProcess;
  now?: () => number;
  setTimer?: (callback: () => void, ms: number) => { unref?(): unknown };
};

export type StopEvent =
  | { kind: 'draining'; reason: StopReason }
  | { kind: 'drained' }
  | { kind: 'drain-failed'; error: unknown }
  | { kind: 'deadline-passed' }
  | { kind: 'forced'; reason: StopReason };

export type Stop = {
  /** As a signal does. */
  drain(reason: StopReason): void;
  /** Leaves the signals to whoever else listens. */
  unwatch(): void;
};

const DEFAULT_DEADLINE_MS = 10_000;

/**
 * One press of Ctrl-C can arrive twice, once from the terminal and once passed on by npm. Signals this close together
 * (milliseconds) count as one.
 */
const ECHO_MS = 300;

const SIGNAL_NUMBERS = { SIGTERM: 15, SIGINT: 2, 'parent-gone': 1, asked: 15 } as const;

/**
 * Ends the process in order: the first signal drains, a second one ends it at once.
 *
 * ```
 *             SIGTERM · SIGINT · parent gone
 *   running ────────────────────────────────▶ draining ──drained──▶ exit 0
 *                                                │  │
 *                        deadline, or drain fails│  │second signal
 *                                                ▼  ▼
 *                                      exit 1      exit 128 + signal
 * ```
 *
 * A supervised process leaves SIGINT to its supervisor: the terminal sends it to the whole group, and the supervisor
 * decides who drains first. Nor does a second signal force it: a service manager, too, signals the whole group, and
 * the supervisor's own SIGTERM comes later; its deadline ends in SIGKILL.
 */
export function drainOnStop(drain: (reason: StopReason) => Promise<void>, options: StopOptions = {}): Stop {
  const target: StoppableProcess = options.process ?? process;
  const now = options.now ?? (() => performance.now());
  const setTimer = options.setTimer ?? setTimeout;
  const report = options.onStop ?? (() => {});
  let state: 'running' | 'draining' | 'ended' = 'running';
  let lastSignalAt = Number.NEGATIVE_INFINITY;

  function stop(reason: StopReason): void {
    if (reason === 'SIGINT' && target.connected) return;
    const isEcho = now() - lastSignalAt < ECHO_MS;
    lastSignalAt = now();
    if (state === 'running') {
      state = 'draining';
      report({ kind: 'draining', reason });
      startDrain(reason);
    } else if (state === 'draining' && !isEcho && reason !== 'parent-gone' && !target.connected) {
      end({ kind: 'forced', reason }, 128 + SIGNAL_NUMBERS[reason]);
    }
  }

  function startDrain(reason: StopReason): void {
    const timer = setTimer(
      () => end({ kind: 'deadline-passed' }, ExitCode.failure),
      options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    );
    timer.unref?.();
    // The extra step turns a synchronous throw into a rejection.
    Promise.resolve()
      .then(() => drain(reason))
      .then(
        () => end({ kind: 'drained' }, ExitCode.ok),
        (error: unknown) => end({ kind: 'drain-failed', error }, ExitCode.failure),
      );
  }

  function end(event: StopEvent, exitCode: number): void {
    if (state === 'ended') return;
    state = 'ended';
    report(event);
    target.exit(exitCode);
  }

  const listeners = {
    SIGTERM: () => stop('SIGTERM'),
    SIGINT: () => stop('SIGINT'),
    disconnect: () => stop('parent-gone'),
  } as const;
  const events = ['SIGTERM', 'SIGINT', 'disconnect'] as const;
  for (const event of events) target.on(event, listeners[event]);
  return {
    drain: stop,
    unwatch: () => {
      for (const event of events) target.off(event, listeners[event]);
    },
  };
}
