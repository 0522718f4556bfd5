export type { GameKey, Paint, TerminalGame } from './terminal-game.ts';

import type { TerminalGame } from './terminal-game.ts';
import { ticTacToe } from './tic-tac-toe.ts';

/** The games that the terminal client can draw. */
const terminalGames: readonly TerminalGame[] = [ticTacToe as TerminalGame];

/** The game of that name; undefined when this client cannot draw it. */
export function findTerminalGame(game: string): TerminalGame | undefined {
  return terminalGames.find((each) => each.game === game);
}

export function terminalGameNames(): readonly string[] {
  return terminalGames.map(({ game }) => game);
}
