/**
 * Fills a new game store with live matches of two players each: valid events, sealed as the backend seals them.
 * Arguments: FILE MATCHES EVENTS-OF-A-MATCH (an even number from 4).
 */
import { DatabaseSync } from 'node:sqlite';
import { chainStart, seal } from '../../../src/game/log/chain.ts';
import { gameMigrations } from '../../../src/game/log/migrations.ts';
import { causeFor } from '../../../src/game/match/command.ts';
import { causeOf, type Happening } from '../../../src/game/match/logged-event.ts';
import { ticTacToe } from '../../../src/game/rules/tic-tac-toe.ts';
import {
  base64url,
  type CommandId,
  newMatchId,
  type Pseudonym,
  webRandomBytes,
} from '../../../src/protocol/ids.ts';
import { openStore } from '../../../src/store/index.ts';

const [file = '', matches, eventsOfMatch] = process.argv.slice(2);
const store = await openStore({ url: `sqlite:${file}`, migrations: gameMigrations });
await store.close();
const database = new DatabaseSync(file);
database.exec('pragma synchronous = off; pragma cache_size = -1000000');
const prepare = (table: string, values: number) =>
  database.prepare(`insert into ${table} values (${Array(values).fill('?').join(', ')})`);
const insertMatch = prepare('matches', 7);
const insertSeat = prepare('seats', 5);
const insertEvent = prepare('events', 4);
const insertCommand = prepare('commands', 5);

const at = Date.now() - 86_400_000;
const freshPlayer = () => `y_${base64url(webRandomBytes(16))}` as Pseudonym;
let commands = 0;
const causeOfPlayer = (player: Pseudonym) => {
  commands += 1;
  return causeFor(player, 'match.offerDraw', {
    commandId: `fill_${String(commands).padStart(9, '0')}` as CommandId,
  });
};

for (let number = 0; number < Number(matches); number += 1) {
  if (number % 1_000 === 0) database.exec(number === 0 ? 'begin' : 'commit; begin');
  const match = newMatchId({ now: Date.now() });
  const players = [freshPlayer(), freshPlayer()] as const;
  const happenings: Happening[] = [
    { type: 'created', game: ticTacToe.game, visibility: 'private', seats: 2 },
    { type: 'joined', seat: 0, player: players[0], cause: causeOfPlayer(players[0]) },
    { type: 'joined', seat: 1, player: players[1], cause: causeOfPlayer(players[1]) },
    { type: 'started', whole: ticTacToe.start(), turn: 0 },
  ];
  while (happenings.length < Number(eventsOfMatch)) {
    happenings.push({ type: 'drawOffered', seat: 0, cause: causeOfPlayer(players[0]) });
    happenings.push({ type: 'drawDeclined', seat: 1, cause: causeOfPlayer(players[1]) });
  }
  const events = happenings.map((happening, index) => ({ seq: index + 1, at, ...happening }));
  insertMatch.run(match, ticTacToe.game, 'private', 'playing', null, null, at);
  for (const [seat, player] of players.entries()) insertSeat.run(match, seat, player, 1, at);
  for (const { event, body, chain } of seal(chainStart(match), events)) {
    insertEvent.run(match, event.seq, body, chain);
    const cause = causeOf(event);
    if (cause) insertCommand.run(cause.player, cause.command, match, event.seq, cause.digest);
  }
}
database.exec('commit');
database.exec('pragma wal_checkpoint(truncate)');
database.close();
