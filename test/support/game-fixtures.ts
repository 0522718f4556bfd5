/** Parts of a backend for unit tests: real ones on a database in memory, with a clock and randomness of the test's own. */

import { type LogWatcher, MatchLog } from '../../src/game/log/match-log.ts';
import { gameMigrations } from '../../src/game/log/migrations.ts';
import type { GameSchema } from '../../src/game/log/schema.ts';
import type { MatchCommand } from '../../src/game/match/command.ts';
import { causeFor } from '../../src/game/match/command.ts';
import type { Cause } from '../../src/game/match/logged-event.ts';
import { Matches, type MatchesOptions } from '../../src/game/matches.ts';
import { allGames, type Catalogue, catalogueOf } from '../../src/game/rules/index.ts';
import type { CommandId, GameId, MatchId } from '../../src/protocol/ids.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { pseudonym } from './link-peer.ts';

export const ticTacToeId = 'tic-tac-toe' as GameId;
export const ada = pseudonym('ada');
export const ben = pseudonym('ben');
export const eve = pseudonym('eve');

let commands = 0;

/** A cause with a fresh command id, or with the one given; what was asked makes the digest. */
export function cause(player: typeof ada, asked: object = {}, command = nextCommand()): Cause {
  return causeFor(player, 'test', { ...asked, commandId: command });
}

function nextCommand(): CommandId {
  commands += 1;
  return `command-${commands}` as CommandId;
}

/** Distributes over the members of the union. */
export type Wish = MatchCommand extends infer Each
  ? Each extends MatchCommand
    ? Omit<Each, 'cause'>
    : never
  : never;

export interface MemoryBackend {
  readonly store: Store<GameSchema>;
  readonly log: MatchLog;
  readonly matches: Matches;
  /** Another process's view of the same database. */
  readonly another: (options?: Partial<MatchesOptions>) => Matches;
  close(): Promise<void>;
}

export async function memoryBackend({
  games = catalogueOf(allGames),
  watcher = {},
  wrap = (store) => store,
  ...options
}: {
  readonly games?: Catalogue;
  readonly watcher?: Partial<LogWatcher>;
  /** Puts faults in front of the store. */
  readonly wrap?: (store: Store<GameSchema>) => Store<GameSchema>;
} & Partial<MatchesOptions> = {}): Promise<MemoryBackend> {
  const store = wrap(await openStore<GameSchema>({ url: 'sqlite::memory:', migrations: gameMigrations }));
  const watch: LogWatcher = {
    failed: (error) => {
      throw error;
    },
    ...watcher,
  };
  const log = new MatchLog({ store, watcher: watch });
  const another = (changes: Partial<MatchesOptions> = {}) =>
    new Matches({ log: new MatchLog({ store, watcher: watch }), games, ...options, ...changes });
  return {
    store,
    log,
    matches: new Matches({ log, games, ...options }),
    another,
    close: () => store.close(),
  };
}

/** A match of two that has started; gives its id. */
export async function startedMatch(
  matches: Matches,
  players: readonly [typeof ada, typeof ada] = [ada, ben],
): Promise<MatchId> {
  const game = matches.games.values().next().value;
  if (game === undefined) throw new Error('There is no game.');
  const entrants = players.map((player) => ({ player, cause: cause(player) }));
  const opening = await matches.open({ game, visibility: 'public', entrants });
  if (opening.kind !== 'opened') throw new Error('The match was not opened.');
  return opening.match;
}
