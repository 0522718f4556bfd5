export type { WebGame } from './web-game.ts';

import { ticTacToe } from './tic-tac-toe.tsx';
import type { WebGame } from './web-game.ts';

/** The games that the page can draw, the one that the lobby offers first. */
export const webGames: readonly WebGame[] = [ticTacToe as WebGame];

/** The game of that name; `undefined` when this page cannot draw it. */
export function findWebGame(game: string): WebGame | undefined {
  return webGames.find((each) => each.game === game);
}
