import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../harness/bench.ts';
import { memoryBytes } from '../harness/processes.ts';
import { startBenchCastling } from './castling.ts';
import { castlingTablesOf, TablesSubject } from './tables.ts';

export interface FilledLog {
  readonly pairs: number;
  readonly matches: number;
  readonly eventsOfMatch: number;
}

/** Castling on a game store that holds so many live matches already, while the pairs play new ones. */
export function castlingOnFilledLog({ pairs, matches, eventsOfMatch }: FilledLog): Bench['subjects'][string] {
  return async (place) => {
    const data = join(mkdtempSync(join(place.folder, 'filled-')), 'data');
    mkdirSync(data, { mode: 0o700 });
    const fill = join(import.meta.dirname, '..', 'servers', 'fill-log.ts');
    const size = [matches, eventsOfMatch].map(String);
    await promisify(execFile)(process.execPath, [fill, join(data, 'game.db'), ...size]);
    const started = performance.now();
    const castling = await startBenchCastling(place, { args: ['--data', data] });
    const startSeconds = (performance.now() - started) / 1_000;
    const backendMebibytes = memoryBytes([castling.pidOf('backend')]) / 2 ** 20;
    const tables = await castlingTablesOf(castling, pairs);
    const stop = () => castling[Symbol.asyncDispose]();
    const moves = new TablesSubject({ pids: castling.pids, stop }, tables, { pairs });
    return {
      pids: () => moves.pids(),
      round: async (round) => ({
        ...(await moves.round(round)),
        figures: { startSeconds, backendMebibytes },
      }),
      stop: () => moves.stop(),
    };
  };
}
