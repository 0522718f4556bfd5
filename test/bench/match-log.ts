/**
 * How many events a second the match log takes, with 1, 10 and 100 matches that write at the same time.
 * Run: node test/bench/match-log.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainStart, seal } from '../../src/game/log/chain.ts';
import { MatchLog } from '../../src/game/log/match-log.ts';
import { gameMigrations } from '../../src/game/log/migrations.ts';
import type { GameSchema } from '../../src/game/log/schema.ts';
import { newId } from '../../src/protocol/ids.ts';
import { openStore } from '../../src/store/index.ts';
import { ada, cause } from '../support/game-fixtures.ts';

const events = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'castling-bench-'));
const store = await openStore<GameSchema>({
  url: `sqlite:${join(folder, 'game.db')}`,
  migrations: gameMigrations,
});
const log = new MatchLog({
  store,
  watcher: {
    failed: (error) => {
      throw error;
    },
  },
});

/** One match that writes one move after another, each when the one before is on disk. */
async function writer(count: number): Promise<void> {
  const match = newId('match');
  let chain = chainStart(match);
  for (let seq = 1; seq <= count; seq += 1) {
    const whole = { board: '____X____' };
    const moved = {
      type: 'moved',
      seat: 0,
      move: 4,
      whole,
      turn: 1,
      cause: cause(ada),
      seq,
      at: Date.now(),
    } as const;
    const sealed = seal(chain, [moved]);
    chain = sealed[0]?.chain ?? chain;
    if ((await log.append([{ match, events: sealed }])) !== 'stored') throw new Error('A write was lost.');
  }
}

try {
  for (const group of [1, 10, 100]) {
    await Promise.all(Array.from({ length: group }, () => writer(5)));
    const start = performance.now();
    await Promise.all(Array.from({ length: group }, () => writer(events / group)));
    const milliseconds = performance.now() - start;
    const perSecond = Math.round((events / milliseconds) * 1_000);
    const microseconds = ((milliseconds * 1_000) / events).toFixed(1);
    console.log(`group ${String(group).padStart(3)}: ${perSecond} events/s, ${microseconds} µs an event`);
  }
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
