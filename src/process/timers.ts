/** Time as a part needs it that waits; handed in, so that tests do not wait. */
export type Timers = {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once, after so many milliseconds. Returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void;
};

export const systemTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** The same, for what may go undone: a timer that waits does not keep the process alive. */
export const backgroundTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};

export function waitFor(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve));
}
