import type { Bench } from '../harness/bench.ts';
import { type Played, playAll, playPaced, type Table } from '../load/table.ts';
import {
  boardgameTables,
  castlingTables,
  colyseusTables,
  haproxyTables,
  nginxTables,
  type TablesOptions,
} from './tables.ts';

const pairs = 50;
/** Of what the slowest can serve. */
const share = 0.6;

const starters = {
  castling: castlingTables,
  haproxy: (options: TablesOptions) => haproxyTables(options),
  nginx: nginxTables,
  colyseus: colyseusTables,
  'boardgame.io': boardgameTables,
};

/** Subjects that show in their warm-up what they can serve, and then all get the same steady load. */
export function latencySubjects(names: readonly (keyof typeof starters)[]): Bench['subjects'] {
  /** Moves a second. */
  const capacities = new Map<string, number>();
  const subject = (name: keyof typeof starters) =>
    starters[name]({
      pairs,
      matches: 2,
      async play(tables: readonly Table[], matches: number, isWarmUp: boolean): Promise<Played> {
        if (!isWarmUp) {
          const rate = share * Math.min(...capacities.values());
          return await playPaced(tables, { matches, intervalMs: (pairs / rate) * 1_000 });
        }
        const started = performance.now();
        const played = await playAll(tables, matches);
        const rate = (played.latencies.length / (performance.now() - started)) * 1_000;
        // A server gets faster while it warms up.
        capacities.set(name, Math.max(rate, capacities.get(name) ?? 0));
        return played;
      },
    });
  return Object.fromEntries(names.map((name) => [name, subject(name)]));
}
