import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chainStart, seal } from '../../src/game/log/chain.ts';
import { MatchLog } from '../../src/game/log/match-log.ts';
import { gameMigrations } from '../../src/game/log/migrations.ts';
import type { GameSchema } from '../../src/game/log/schema.ts';
import { newMatchId } from '../../src/protocol/ids.ts';
import { openStore } from '../../src/store/index.ts';
import { ada, cause } from '../support/game-fixtures.ts';
import type { Bench, Subject } from './harness/bench.ts';
import type { Place } from './harness/place.ts';

export default {
  name: 'match-log',
  question: 'What does an event cost the match log when 100, 10 or one match write at the same time?',
  operation: 'event',
  notes: ['In the generator’s own process: the log alone, without a backend around it.'],
  subjects: {
    castling: (place) => openLog(place, 100),
    'ten matches': (place) => openLog(place, 10),
    'one match': (place) => openLog(place, 1),
  },
  seconds: 2,
} satisfies Bench;

async function openLog(place: Place, writers: number): Promise<Subject> {
  const folder = mkdtempSync(join(place.folder, 'log-'));
  const store = await openStore<GameSchema>({
    url: `sqlite:${join(folder, 'game.db')}`,
    migrations: gameMigrations,
  });
  const failed = (error: unknown) => {
    throw error;
  };
  const log = new MatchLog({ store, watcher: { failed } });
  return {
    pids: () => [process.pid],
    async round({ milliseconds, measured }) {
      const latencies: number[] = [];
      const end = performance.now() + milliseconds;
      await measured(() =>
        Promise.all(Array.from({ length: writers }, () => write({ log, until: end, latencies }))),
      );
      return { operations: latencies.length, latencies };
    },
    async stop() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One match that writes one move after another, each when the one before is on disk. */
async function write({
  log,
  until,
  latencies,
}: {
  readonly log: MatchLog;
  readonly until: number;
  readonly latencies: number[];
}): Promise<void> {
  const match = newMatchId({ now: Date.now() });
  let chain = chainStart(match);
  for (let seq = 1; performance.now() < until; seq += 1) {
    const whole = { board: '____X____' };
    const at = Date.now();
    const moved = { type: 'moved', seat: 0, move: 4, whole, turn: 1, cause: cause(ada), seq, at } as const;
    const sealed = seal(chain, [moved]);
    chain = sealed[0]?.chain ?? chain;
    const started = performance.now();
    if ((await log.append([{ match, events: sealed }])) !== 'stored') throw new Error('A write was lost.');
    latencies.push(performance.now() - started);
  }
}
