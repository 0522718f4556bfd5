import { ClientExit } from '../client-exit.ts';

/**
 * Runs `action` with a signal that Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP) abort, so that it can put
 * the terminal back and close its connection. A second one ends the process at once.
 */
export async function withInterrupts<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(ClientExit.interrupted);
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await action(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Resolves to `aborted` when the signal aborts. */
export function whenAborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('aborted');
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
}
