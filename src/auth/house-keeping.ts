import type { Logger } from '../process/logger.ts';

/** Milliseconds between two rounds. */
const roundMs = 3_600_000;

/**
 * Does every chore once in a while. Never holds the process open, and never fails it: what was not done now is done the next
 * time. Gives the way to stop.
 */
export function keepHouse(chores: readonly (() => Promise<unknown>)[], logger: Logger): () => void {
  const round = async (): Promise<void> => {
    for (const chore of chores) {
      try {
        await chore();
      } catch (error) {
        logger.warn({ err: error }, 'keeping house in the account store failed');
      }
    }
  };
  const timer = setInterval(() => void round(), roundMs).unref();
  return () => clearInterval(timer);
}
