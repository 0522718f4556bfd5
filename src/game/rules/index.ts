import type { GameId } from '../../protocol/ids.ts';
import type { Game } from './rules.ts';
import { ticTacToe } from './tic-tac-toe.ts';

export type { Game } from './rules.ts';

/** The games that this backend plays, by name. */
export type Catalogue = ReadonlyMap<GameId, Game>;

/** @throws TypeError when two games have one name */
export function catalogueOf(games: readonly Game[]): Catalogue {
  const catalogue = new Map<GameId, Game>();
  for (const game of games) {
    if (catalogue.has(game.game)) throw new TypeError(`Two games are called ${game.game}.`);
    catalogue.set(game.game, game);
  }
  return catalogue;
}

/** Every game of this project. A new one is added here. */
export const allGames = [ticTacToe] as const satisfies readonly Game[];
