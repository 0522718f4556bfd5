/**
 * What people put behind HAProxy or nginx: one Node process with `ws` and the rules, which tells nobody of a move before it is in
 * its SQLite log. Without TLS, accounts, resume, or protection of any kind.
 *
 * Arguments: PORT, and a log: `same` FILE for the log that Castling itself has (table, chain, command ids, commits in groups),
 * `lean` FILE for one row a move and nothing else, or `none`.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { type WebSocket, WebSocketServer } from 'ws';
import { chainStart, seal } from '../../../src/game/log/chain.ts';
import { MatchLog } from '../../../src/game/log/match-log.ts';
import { gameMigrations } from '../../../src/game/log/migrations.ts';
import type { GameSchema } from '../../../src/game/log/schema.ts';
import { causeFor } from '../../../src/game/match/command.ts';
import type { LoggedEvent } from '../../../src/game/match/logged-event.ts';
import { ticTacToe } from '../../../src/game/rules/tic-tac-toe.ts';
import { type CommandId, type MatchId, newMatchId, type Pseudonym } from '../../../src/protocol/ids.ts';
import { openStore } from '../../../src/store/index.ts';

interface Table {
  readonly seats: WebSocket[];
  readonly players: readonly Pseudonym[];
  match: MatchId;
  seq: number;
  chain: string;
  state: ReturnType<typeof ticTacToe.start>;
}
/** Resolves when the events are on disk. */
type Append = (table: Table, events: readonly LoggedEvent[]) => Promise<unknown>;

const [port, kind = 'none', file = ''] = process.argv.slice(2);
const append = await openLog(kind, file);
const tables = new Map<string, Table>();
const server = createServer();
const endpoint = new WebSocketServer({ server, perMessageDeflate: false });

endpoint.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'ws://localhost');
  const number = searchParams.get('table') ?? '';
  const seat = Number(searchParams.get('seat'));
  const table: Table = tables.get(number) ?? {
    seats: [],
    players: [`p_${randomUUID()}` as Pseudonym, `p_${randomUUID()}` as Pseudonym],
    ...newMatch(),
  };
  tables.set(number, table);
  table.seats[seat] = socket;
  socket.on('close', () => tables.delete(number));
  socket.on('message', (data: Buffer) => {
    const { id, move, begin } = JSON.parse(data.toString()) as { id: number; move?: never; begin?: true };
    if (begin) {
      Object.assign(table, newMatch());
      socket.send(`{"id":${id},"result":{}}`);
    } else void play(table, { seat, id, move: move as never });
  });
});
server.listen(Number(port), '127.0.0.1');

function newMatch(): Pick<Table, 'match' | 'seq' | 'chain' | 'state'> {
  const match = newMatchId({ now: Date.now() });
  return { match, seq: 0, chain: chainStart(match), state: ticTacToe.start() };
}

async function play(
  table: Table,
  { seat, id, move }: { readonly seat: number; readonly id: number; readonly move: never },
): Promise<void> {
  const socket = table.seats[seat];
  const parsed = ticTacToe.parse(move);
  const result =
    'move' in parsed && ticTacToe.turn(table.state) === seat
      ? ticTacToe.play({ state: table.state, seat, move: parsed.move })
      : undefined;
  if (result === undefined || !('state' in result)) {
    socket?.send(`{"id":${id},"error":"illegal"}`);
    return;
  }
  const { state } = result;
  const turn = ticTacToe.turn(state);
  const outcome = ticTacToe.outcome(state);
  const at = Date.now();
  const player = table.players[seat] as Pseudonym;
  const cause = causeFor(player, 'move', { commandId: `c_${table.match}_${table.seq}` as CommandId, move });
  const moved: LoggedEvent = { type: 'moved', seat, move, whole: state, turn, cause, seq: table.seq + 1, at };
  const events: LoggedEvent[] = [moved];
  if (outcome !== null) events.push({ type: 'ended', result: outcome, seq: table.seq + 2, at });
  const { match } = table;
  table.seq += events.length;
  table.state = state;
  await append(table, events);
  // The same two go on with the next match.
  if (outcome !== null) Object.assign(table, newMatch());
  const view = ticTacToe.view(state, 'all');
  const shown = JSON.stringify({ match, seq: moved.seq, at, type: 'moved', seat, move, state: view, turn });
  for (const [place, each] of table.seats.entries()) {
    each.send(place === seat ? `{"id":${id},"result":${shown}}` : `{"event":${shown}}`);
    if (outcome !== null) each.send(`{"event":${JSON.stringify({ type: 'ended', result: outcome })}}`);
  }
}

async function openLog(which: string, path: string): Promise<Append> {
  if (which === 'none') return async () => {};
  if (which === 'lean') return openLeanLog(path);
  const store = await openStore<GameSchema>({ url: `sqlite:${path}`, migrations: gameMigrations });
  const failed = (error: unknown) => {
    throw error;
  };
  const log = new MatchLog({ store, watcher: { failed } });
  return async (table, events) => {
    const sealed = seal(table.chain, events);
    table.chain = sealed.at(-1)?.chain ?? table.chain;
    await log.append([{ match: table.match, events: sealed }]);
  };
}

/** One row an event, and one commit for all that a turn of the event loop brings. */
function openLeanLog(path: string): Append {
  const database = new DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  database.exec(
    'create table events (match text, seq integer, body text, primary key (match, seq)) without rowid',
  );
  const insert = database.prepare('insert into events values (?, ?, ?)');
  let waiting: { readonly run: () => void; readonly done: () => void }[] = [];
  const commit = () => {
    const batch = waiting;
    waiting = [];
    database.exec('begin immediate');
    for (const { run } of batch) run();
    database.exec('commit');
    for (const { done } of batch) done();
  };
  return ({ match }, events) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(commit);
      const run = () => {
        for (const event of events) insert.run(match, event.seq, JSON.stringify(event));
      };
      waiting.push({ run, done: () => resolve(undefined) });
    });
}
