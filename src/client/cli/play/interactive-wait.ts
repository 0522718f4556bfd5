import type { Connection } from '../../connection.ts';
import type { Paint } from '../../games/index.ts';
import type { Match } from '../../match.ts';
import type { Terminal } from '../terminal.ts';
import { noticeTexts, watchConnection } from './connection-notices.ts';
import { readKeys } from './keys.ts';
import { Screen } from './screen.ts';

interface WaitOptions {
  readonly connection: Connection;
  readonly terminal: Terminal;
  readonly paint: Paint;
  readonly signal: AbortSignal;
  /** What is waited for. */
  readonly heading: string;
  readonly enter: (signal: AbortSignal) => Promise<Match>;
}

/** Waits for a match on a terminal, with something to look at and a key to give up. `q` quits, Ctrl-C interrupts. */
export async function waitInteractively(options: WaitOptions): Promise<Match | 'quit' | 'interrupted'> {
  const { connection, terminal, paint, signal, enter } = options;
  const given = new AbortController();
  let gaveUp: 'quit' | 'interrupted' | undefined;
  const giveUp = (how: 'quit' | 'interrupted') => {
    gaveUp ??= how;
    given.abort();
  };
  const screen = new Screen(terminal.stdout);
  const draw = (connectionLine: string) =>
    screen.draw([` ${options.heading}`, ` ${connectionLine}`, ` ${paint.dim('q give up waiting')}`]);
  const stops = [
    readKeys(terminal, (key) => {
      if (key.kind === 'interrupt') giveUp('interrupted');
      else if (key.kind === 'character' && key.character === 'q') giveUp('quit');
    }),
    watchConnection(connection, (notice) => {
      const isTrouble = notice === 'lost' || notice === 'away';
      draw(isTrouble ? paint.warn(noticeTexts[notice]) : paint.dim('connected'));
    }),
  ];
  const interrupt = () => giveUp('interrupted');
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    draw(paint.dim('connected'));
    return await enter(given.signal);
  } catch (error) {
    if (gaveUp !== undefined) return gaveUp;
    throw error;
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener('abort', interrupt);
    screen.draw(['']);
    screen.close();
  }
}
