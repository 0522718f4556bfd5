import type { CompiledQuery, Kysely } from 'kysely';
import type { MatchId } from '../../protocol/ids.ts';
import type { CommitGroup } from '../../store/index.ts';
import { type Cause, causeOf, type LoggedEvent } from '../match/logged-event.ts';
import type { SealedEvent } from './chain.ts';
import type { GameSchema } from './schema.ts';

/** Events of one match that follow what the log has. */
export interface Continuation {
  readonly match: MatchId;
  readonly events: readonly SealedEvent[];
}

/**
 * Commands that an event answers besides its own cause: the same player may have waited in the lobby from two
 * places.
 */
export interface ExtraCommand {
  readonly match: MatchId;
  readonly seq: number;
  readonly cause: Cause;
}

type Row<Table extends keyof GameSchema> = GameSchema[Table];

/** The statements of an append, compiled once and run with fresh parameters. */
export class AppendStatements {
  readonly #insertMatch: (row: Row<'matches'>) => CompiledQuery;
  readonly #insertSeat: (row: Row<'seats'>) => CompiledQuery;
  readonly #insertEvent: (row: Row<'events'>) => CompiledQuery;
  readonly #insertCommand: (row: Row<'commands'>) => CompiledQuery;
  readonly #start: CompiledQuery;
  readonly #end: CompiledQuery;
  readonly #freeSeats: CompiledQuery;

  constructor(db: Kysely<GameSchema>) {
    this.#insertMatch = inserter(db, 'matches', [
      'id',
      'game',
      'visibility',
      'status',
      'code',
      'result',
      'created_at',
    ]);
    this.#insertSeat = inserter(db, 'seats', ['match', 'seat', 'player', 'open', 'since']);
    this.#insertEvent = inserter(db, 'events', ['match', 'seq', 'body', 'chain']);
    this.#insertCommand = inserter(db, 'commands', ['player', 'command', 'match', 'seq', 'digest']);
    this.#start = db.updateTable('matches').set({ status: 'playing' }).where('id', '=', '').compile();
    this.#end = db.updateTable('matches').set({ status: 'over', result: '' }).where('id', '=', '').compile();
    this.#freeSeats = db.updateTable('seats').set({ open: 0 }).where('match', '=', '').compile();
  }

  groupFor(continuations: readonly Continuation[], extra: readonly ExtraCommand[] = []): CommitGroup {
    return [
      ...continuations.flatMap(({ match, events }) => events.flatMap((sealed) => this.#event(match, sealed))),
      ...extra.map(({ match, seq, cause }) => this.#command({ match, seq, cause })),
    ];
  }

  #event(match: MatchId, { event, body, chain }: SealedEvent): CompiledQuery[] {
    const cause = causeOf(event);
    return [
      this.#insertEvent({ match, seq: event.seq, body, chain }),
      ...(cause ? [this.#command({ match, seq: event.seq, cause })] : []),
      ...this.#listing(match, event),
    ];
  }

  #command({ match, seq, cause }: ExtraCommand): CompiledQuery {
    return this.#insertCommand({
      player: cause.player,
      command: cause.command,
      match,
      seq,
      digest: cause.digest,
    });
  }

  /** What lists and look-ups have to learn from an event. */
  #listing(match: MatchId, event: LoggedEvent): CompiledQuery[] {
    switch (event.type) {
      case 'created': {
        const { game, visibility, code = null, at } = event;
        const row = {
          id: match,
          game,
          visibility,
          status: 'waiting',
          code,
          result: null,
          created_at: at,
        } as const;
        return [this.#insertMatch(row)];
      }
      case 'joined':
        return [
          this.#insertSeat({ match, seat: event.seat, player: event.player, open: 1, since: event.at }),
        ];
      case 'started':
        return [{ ...this.#start, parameters: ['playing', match] }];
      case 'ended':
        return [
          { ...this.#end, parameters: ['over', JSON.stringify(event.result), match] },
          { ...this.#freeSeats, parameters: [0, match] },
        ];
      default:
        return [];
    }
  }
}

/** An insert compiled with its columns in a known order. */
function inserter<Table extends keyof GameSchema>(
  db: Kysely<GameSchema>,
  table: Table,
  columns: readonly (keyof Row<Table> & string)[],
): (row: Row<Table>) => CompiledQuery {
  const sample = Object.fromEntries(columns.map((column) => [column, '']));
  const compiled = (db as Kysely<GameSchema>)
    .insertInto(table)
    .values(sample as never)
    .compile();
  return (row) => ({ ...compiled, parameters: columns.map((column) => row[column]) });
}
