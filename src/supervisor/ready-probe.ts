import { get } from 'node:http';
import type { Timers } from '../process/timers.ts';

/** How often readiness is asked for, and how long one answer may take, in milliseconds. */
const ASK_EVERY_MS = 100;
const ANSWER_WITHIN_MS = 2_000;

/** Asks once. Resolves to true for status 200; anything else, an error included, is a no. */
export type AskReady = () => Promise<boolean>;

/** Asks the proxy's admin listener whether a player could play now. */
export function askAdmin(adminPort: number): AskReady {
  return () =>
    new Promise((resolve) => {
      const request = get(
        { host: '127.0.0.1', port: adminPort, path: '/ready', timeout: ANSWER_WITHIN_MS, agent: false },
        (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        },
      );
      request.once('timeout', () => request.destroy());
      request.once('error', () => resolve(false));
    });
}

/** Resolves to true the first time that the answer is yes, or to false when the signal aborts before. */
export async function untilReady(
  ask: AskReady,
  options: { timers: Timers; signal: AbortSignal },
): Promise<boolean> {
  const { timers, signal } = options;
  while (!signal.aborted) {
    if (await ask()) return !signal.aborted;
    await pause(timers, signal);
  }
  return false;
}

function pause(timers: Timers, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(ASK_EVERY_MS, () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    const giveUp = () => {
      cancel();
      resolve();
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}
