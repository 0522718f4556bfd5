import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { AccountHttp } from '../../../src/client/account-http.ts';
import { AuthClient } from '../../../src/client/auth-client.ts';
import type { Bench, Done, Round, Subject } from '../harness/bench.ts';
import { type Played, playPaced, type Table } from '../load/table.ts';
import { type BenchCastling, startBenchCastling } from './castling.ts';
import { castlingTablesOf } from './tables.ts';

type Starter = Bench['subjects'][string];

const password = 'correct horse battery';
const accounts = 16;
/** Sign-ins under way at once: enough for the queue never to be empty. */
const signInsAtOnce = 8;

/** The same argon2 work in Castling and without anything around it: the digest that Castling’s calibration chose is verified. */
export function loginsAndBareHashing(): Pick<Bench, 'subjects'> {
  let digest = '';
  return {
    subjects: {
      async castling(place) {
        const castling = await startBenchCastling(place);
        const names = await register(castling);
        const database = new DatabaseSync(join(castling.folder, 'data', 'auth.db'), { readOnly: true });
        digest = String(
          database.prepare('select password_digest from accounts limit 1').get()?.password_digest,
        );
        database.close();
        return {
          pids: castling.pids,
          stop: () => castling[Symbol.asyncDispose](),
          async round({ milliseconds, measured }) {
            const end = performance.now() + milliseconds;
            const latencies: number[] = [];
            await measured(() =>
              signInAgainAndAgain(castling, { names, until: () => performance.now() >= end, latencies }),
            );
            return { operations: latencies.length, latencies };
          },
        };
      },
      argon2: () => bareHashing(digest),
    },
  };
}

/** A process that does nothing else, with as many at once as Castling lets itself. */
async function bareHashing(digest: string): Promise<Subject> {
  const program = join(import.meta.dirname, '..', 'servers', 'argon2-hasher.ts');
  const child = spawn(process.execPath, [program, digest, password], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    pids: () => [child.pid ?? 0],
    async round({ milliseconds, measured }) {
      const operations = await measured(async () => {
        child.stdin.write(`${milliseconds}\n`);
        return Number((await lines.next()).value);
      });
      return { operations };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}

/** 50 pairs at a calm pace; `flood` has others sign in as fast as they can meanwhile. */
export function movesBesideLogins({ flood }: { readonly flood: boolean }): Starter {
  return async (place) => {
    const castling = await startBenchCastling(place);
    const names = flood ? await register(castling) : [];
    const tables = await castlingTablesOf(castling, 50);
    return {
      pids: castling.pids,
      async round({ measured }: Round): Promise<Done> {
        await Promise.all(tables.map((table) => table.prepare(1)));
        let isOver = false;
        const { latencies } = await measured(async () => {
          const flooding = flood
            ? signInAgainAndAgain(castling, { names, until: () => isOver, latencies: [] })
            : Promise.resolve();
          const played = await playCalmly(tables);
          isOver = true;
          await flooding;
          return played;
        });
        await Promise.all(tables.map((table) => table.clear?.()));
        return { operations: 0, latencies };
      },
      async stop() {
        for (const table of tables) table.close();
        await castling[Symbol.asyncDispose]();
      },
    };
  };
}

/** A move of each pair every 300 ms: 167 a second in all. */
function playCalmly(tables: readonly Table[]): Promise<Played> {
  return playPaced(tables, { matches: 1, intervalMs: 300 });
}

async function register(castling: BenchCastling): Promise<string[]> {
  const auth = new AuthClient(new AccountHttp({ origin: castling.url }));
  const names = Array.from({ length: accounts }, (_, number) => `bench${number}`);
  for (const name of names) await auth.register({ name, password });
  return names;
}

async function signInAgainAndAgain(
  castling: BenchCastling,
  {
    names,
    until,
    latencies,
  }: { readonly names: readonly string[]; readonly until: () => boolean; readonly latencies: number[] },
): Promise<void> {
  const auth = new AuthClient(new AccountHttp({ origin: castling.url }));
  let next = 0;
  const player = async () => {
    while (!until()) {
      next += 1;
      const started = performance.now();
      await auth.login({ name: names[next % names.length] ?? '', password });
      latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: signInsAtOnce }, player));
}
