/** Subjects for benches about moves: a server, and tables of two players at it. */
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import type { Bench, Done, Round, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { openBoardgameTable } from '../load/boardgame-table.ts';
import { castlingTable, openCastlingPlayer } from '../load/castling-table.ts';
import { openColyseusTable } from '../load/colyseus-table.ts';
import { openPlainTable } from '../load/plain-table.ts';
import { type Played, playAll, type Table } from '../load/table.ts';
import { type BenchCastling, startBenchCastling } from './castling.ts';
import {
  type Program,
  startHaproxy,
  startNginx,
  startPeerServer,
  startServer,
  together,
} from './programs.ts';

/** Something that plays the prepared matches at all tables. */
type Play = (tables: readonly Table[], matches: number, isWarmUp: boolean) => Promise<Played>;

export interface TablesOptions {
  readonly pairs: number;
  /** Matches of each pair that are made ready before a measured stretch. Default: enough for 7,200 moves in sum. */
  readonly matches?: number;
  readonly play?: Play;
}

type Starter = Bench['subjects'][string];

export function castlingTables(options: TablesOptions & Parameters<typeof startBenchCastling>[1]): Starter {
  return async (place) => {
    const castling = await startBenchCastling(place, options);
    const tables = await castlingTablesOf(castling, options.pairs);
    return new TablesSubject({ ...castling, stop: () => castling[Symbol.asyncDispose]() }, tables, options);
  };
}

export async function castlingTablesOf(castling: BenchCastling, pairs: number): Promise<Table[]> {
  const tokens = await castling.tokens(pairs * 2);
  const open = (token = '') => openCastlingPlayer({ port: castling.port, ca: castling.ca, token });
  return await inTurn(pairs, async (number) =>
    castlingTable(await open(tokens[number * 2]), await open(tokens[number * 2 + 1])),
  );
}

export const haproxyTables = (options: TablesOptions, log: 'same' | 'lean' = 'same'): Starter =>
  behind(options, log, startHaproxy);

export const nginxTables = (options: TablesOptions): Starter => behind(options, 'same', startNginx);

export function colyseusTables(options: TablesOptions): Starter {
  return async (place) => {
    const server = await startPeerServer(place, { file: 'colyseus-server.ts' });
    const tables = await inTurn(options.pairs, (number) =>
      openColyseusTable({ port: server.port, ca: place.ca, number }),
    );
    return new TablesSubject(server, tables, options);
  };
}

export function boardgameTables(options: TablesOptions): Starter {
  return async (place) => {
    const [lobbyPort = 0] = await freePorts(1);
    const server = await startPeerServer(place, { file: 'boardgame-server.ts', args: [String(lobbyPort)] });
    const tables = await inTurn(options.pairs, () => openBoardgameTable({ port: server.port, ca: place.ca }));
    return new TablesSubject(server, tables, options);
  };
}

export function nullTables(options: TablesOptions): Starter {
  return async (place) => {
    const server = await startServer(place, { file: 'null-server.ts', args: [place.cert, place.key] });
    return await plainSubject(place, server, options);
  };
}

/** A `ws` backend with its log, and a proxy in front of it that terminates TLS. */
function behind(
  options: TablesOptions,
  log: 'same' | 'lean',
  startProxy: (place: Place, upstream: { upstreamPort: number }) => Promise<Program>,
): Starter {
  return async (place) => {
    const [number = 0] = await freePorts(1);
    const file = join(place.folder, `peer-${number}.db`);
    const backend = await startServer(place, { file: 'ws-backend.ts', args: [log, file] });
    const proxy = await startProxy(place, { upstreamPort: backend.port });
    return await plainSubject(place, together(proxy, backend), options);
  };
}

async function plainSubject(place: Place, server: Program, options: TablesOptions): Promise<Subject> {
  const tables = await inTurn(options.pairs, (number) =>
    openPlainTable({ port: server.port, ca: place.ca, number }),
  );
  return new TablesSubject(server, tables, options);
}

export class TablesSubject implements Subject {
  readonly #server: Pick<Subject, 'pids' | 'stop'>;
  readonly #tables: readonly Table[];
  readonly #play: Play;
  readonly #matches: number;
  readonly #figures: Readonly<Record<string, number>>;

  constructor(
    server: Pick<Subject, 'pids' | 'stop'>,
    tables: readonly Table[],
    options: TablesOptions,
    figures: Readonly<Record<string, number>> = {},
  ) {
    const { play = playAll, matches = Math.ceil(800 / tables.length) } = options;
    this.#server = server;
    this.#tables = tables;
    this.#play = play;
    this.#figures = figures;
    this.#matches = Math.min(matches, tables[0]?.matchesMost ?? matches);
  }

  pids(): readonly number[] {
    return this.#server.pids();
  }

  /** Making matches is left out: only moves are measured, in as many stretches as it takes. */
  async round({ milliseconds, isWarmUp, measured }: Round): Promise<Done> {
    const latencies: number[] = [];
    for (let spent = 0; spent < milliseconds; ) {
      await Promise.all(this.#tables.map((table) => table.prepare(this.#matches)));
      const before = performance.now();
      const played = await measured(() => this.#play(this.#tables, this.#matches, isWarmUp));
      spent += performance.now() - before;
      for (const each of played.latencies) latencies.push(each);
      await Promise.all(this.#tables.map((table) => table.clear?.()));
    }
    return { operations: latencies.length, latencies, figures: this.#figures };
  }

  async stop(): Promise<void> {
    for (const table of this.#tables) table.close();
    await this.#server.stop();
  }
}

async function inTurn<Each>(count: number, make: (number: number) => Promise<Each>): Promise<Each[]> {
  const all: Each[] = [];
  for (let number = 0; number < count; number += 1) all.push(await make(number));
  return all;
}
