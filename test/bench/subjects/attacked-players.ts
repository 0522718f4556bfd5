import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import type { AttackName } from '../load/attackers.ts';
import { playPaced, type Table } from '../load/table.ts';
import { type BenchCastling, startBenchCastling } from './castling.ts';
import { castlingTablesOf } from './tables.ts';

type Starter = Bench['subjects'][string];

export interface AttackedPlayersOptions {
  readonly pairs: number;
  /** Milliseconds from one move of a pair to the next. */
  readonly intervalMs: number;
}

interface Scene {
  readonly castling: BenchCastling;
  readonly tables: readonly Table[];
}

const attackers = new URL('../load/attackers.ts', import.meta.url).pathname;
/** Milliseconds after an attack, so that the next round does not meet what is left of it. */
const restMs = 500;
const lowPriority = 10;

/** Subjects that are all the same Castling with the same players, in a quiet time or during attacks. */
export function attackedPlayers({ pairs, intervalMs }: AttackedPlayersOptions): {
  readonly quiet: Starter;
  during(attacks: readonly AttackName[]): Starter;
} {
  let scene: Promise<Scene> | undefined;
  let users = 0;
  const open = async (place: Place): Promise<Scene> => {
    const castling = await startBenchCastling(place, { limits: 'default' });
    return { castling, tables: await castlingTablesOf(castling, pairs) };
  };
  const during = (attacks: readonly AttackName[]): Starter => {
    return async (place): Promise<Subject> => {
      users += 1;
      scene ??= open(place);
      const { castling, tables } = await scene;
      return {
        pids: castling.pids,
        async round({ milliseconds, measured }) {
          const latencies: number[] = [];
          const end = await begin(attacks, castling);
          try {
            for (let spent = 0; spent < milliseconds; ) {
              await Promise.all(tables.map((table) => table.prepare(1)));
              const before = performance.now();
              const played = await measured(() => playPaced(tables, { matches: 1, intervalMs }));
              spent += performance.now() - before;
              latencies.push(...played.latencies);
              await Promise.all(tables.map((table) => table.clear?.()));
            }
          } finally {
            await end();
          }
          return { operations: latencies.length, latencies };
        },
        async stop() {
          users -= 1;
          if (users > 0) return;
          scene = undefined;
          for (const table of tables) table.close();
          await castling[Symbol.asyncDispose]();
        },
      };
    };
  };
  return { quiet: during([]), during };
}

/** Resolves when all attacks go on; gives the way to end them. */
async function begin(
  attacks: readonly AttackName[],
  { url, ca }: BenchCastling,
): Promise<() => Promise<void>> {
  const children: ChildProcess[] = [];
  // One after another: who comes late to a crowded address does not get in.
  for (const attack of attacks) {
    const child = fork(attackers, [attack, url, ca]);
    children.push(child);
    setPriority(child.pid ?? 0, lowPriority);
    await new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', () => reject(new Error('An attacker ended before it began.')));
    });
  }
  return async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
    if (children.length > 0) await sleep(restMs);
  };
}
