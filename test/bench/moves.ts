/**
 * What a move costs: CPU microseconds of all server processes for one move, Castling (accounts, TLS on both hops, policy, durable
 * log) beside the plain server of `plain-server.ts` (TLS only), measured in turn in one run.
 *
 *   node test/bench/moves.ts [--pairs 50] [--rounds 3] [--seconds 5] [--pace 50] [--json FILE]
 *
 * Every pair moves at a fixed pace that keeps each player under the rate limit, so both serve the same load and the
 * figure to compare is CPU, not throughput.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient } from '../../src/client/auth-client.ts';
import { startCastling } from '../support/castling.ts';
import { cpuMicrosecondsOf } from '../support/cpu-time.ts';
import { trust } from '../support/player.ts';
import { commandId } from '../support/raw-player.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    /** Milliseconds from one move of a pair to the next. */
    pace: { type: 'string', default: '50' },
    json: { type: 'string' },
  },
});
const pairs = Number(values.pairs);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const pace = Number(values.pace);

/** Nine moves that end in a draw, seat 0 first. */
const squares = [4, 0, 8, 2, 1, 7, 3, 5, 6];

interface Sample {
  readonly moves: number;
  readonly cpuMicroseconds: number;
  /** Milliseconds from a move's sending to its answer, sorted. */
  readonly latencies: readonly number[];
}

type Socket = Awaited<ReturnType<typeof openSocket>>;
type Pair = readonly [Socket, Socket];

interface Subject {
  readonly name: string;
  readonly seats: readonly Pair[];
  /** Begins a match for a pair; gives the way to make its `turn`-th move, which resolves with the answer. */
  begin(
    pair: Pair,
  ): Promise<
    (move: { readonly mover: Socket; readonly turn: number; readonly square: number }) => Promise<unknown>
  >;
  /** Whether a message tells of the other's move. */
  isMove(message: Record<string, unknown>): boolean;
  cpuMicroseconds(): number;
  stop(): Promise<void>;
}

/** Plays all pairs at the same pace until `until` says stop; gives the milliseconds from each move to its answer. */
async function play(subject: Subject, until: () => boolean): Promise<number[]> {
  const latencies: number[] = [];
  const playPair = async (pair: Pair) => {
    while (!until()) {
      const makeMove = await subject.begin(pair);
      for (const [turn, square] of squares.entries()) {
        const [mover, other] = turn % 2 === 0 ? pair : [pair[1], pair[0]];
        const seen = new Promise<void>((resolve) => {
          other.onEvent = (message) => {
            if (subject.isMove(message)) resolve();
          };
        });
        const started = performance.now();
        await makeMove({ mover, turn, square });
        latencies.push(performance.now() - started);
        await seen;
        await sleep(pace);
      }
    }
  };
  await Promise.all(subject.seats.map(playPair));
  return latencies;
}

async function seatAll(open: (number: number) => Promise<Socket>): Promise<Pair[]> {
  const seats: Pair[] = [];
  for (let number = 0; number < pairs; number += 1) {
    seats.push([await open(number * 2), await open(number * 2 + 1)]);
  }
  return seats;
}

/** One socket with JSON answers by id, and a listener for everything else. */
async function openSocket(
  url: string,
  options: { readonly protocol?: string; readonly token?: string; readonly ca: string },
) {
  const socket = new WebSocket(url, options.protocol === undefined ? [] : [options.protocol], {
    ca: readFileSync(options.ca),
    perMessageDeflate: false,
    ...(options.token !== undefined && { headers: { authorization: `Bearer ${options.token}` } }),
  });
  const waiting = new Map<
    number,
    { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  const player = {
    onEvent: (_event: Record<string, unknown>) => {},
    request(id: number, text: string): Promise<Record<string, unknown>> {
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        socket.send(text);
      });
    },
    close: () => socket.terminate(),
  };
  const first = new Promise((resolve, reject) => waiting.set(0, { resolve, reject }));
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as { id?: number; error?: unknown } & Record<string, unknown>;
    if (message.id === undefined) return player.onEvent(message);
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error !== undefined) asked?.reject(new Error(`Refused: ${data.toString()}`));
    else asked?.resolve(message.result as Record<string, unknown>);
  });
  await once(socket, 'open');
  if (options.token !== undefined) await first;
  return player;
}

async function castlingSubject(): Promise<Subject> {
  const castling = await startCastling();
  trust(castling);
  const auth = new AuthClient(new AccountHttp({ origin: castling.url }));
  const url = `${castling.url.replace('https', 'wss')}/play`;
  const seats = await seatAll(async (number) => {
    const grant = await auth.register({ name: `bench${number}`, password: 'correct horse battery' });
    return await openSocket(url, { protocol: 'castling.v1', token: grant.accessToken, ca: castling.ca });
  });
  let id = 0;
  const call = (player: Socket, method: string, params: object) => {
    id += 1;
    return player.request(
      id,
      JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, commandId: commandId() } }),
    );
  };
  const pids = (['proxy', 'worker', 'backend'] as const).map((role) => castling.pidOf(role));
  return {
    name: 'castling',
    seats,
    cpuMicroseconds: () => pids.reduce((sum, pid) => sum + cpuMicrosecondsOf(pid), 0),
    isMove: ({ params }) => (params as { type?: string }).type === 'moved',
    async begin([host, guest]) {
      const { match, code } = await call(host, 'match.create', { game: 'tic-tac-toe' });
      await call(guest, 'match.join', { code });
      return ({ mover, turn, square }) => call(mover, 'match.move', { match, seq: 5 + turn, move: square });
    },
    async stop() {
      for (const socket of seats.flat()) socket.close();
      await castling[Symbol.asyncDispose]();
    },
  };
}

async function plainSubject(): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'castling-bench-'));
  const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;
  execFileSync(process.execPath, [bin, 'certs', '--certs', folder], { stdio: 'ignore' });
  const file = (name: string) => join(folder, name);
  const program = new URL('plain-server.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, file('proxy.pem'), file('proxy-key.pem')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  const url = `wss://localhost:${port.toString().trim()}`;
  const seats = await seatAll(() => openSocket(url, { ca: file('ca.pem') }));
  let id = 0;
  return {
    name: 'plain server',
    seats,
    cpuMicroseconds: () => cpuMicrosecondsOf(child.pid ?? 0),
    isMove: () => true,
    begin:
      async () =>
      ({ mover, square }) => {
        id += 1;
        return mover.request(id, JSON.stringify({ id, move: square }));
      },
    async stop() {
      for (const socket of seats.flat()) socket.close();
      child.kill();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function sample(subject: Subject, milliseconds: number): Promise<Sample> {
  const end = performance.now() + milliseconds;
  const before = subject.cpuMicroseconds();
  const latencies = await play(subject, () => performance.now() >= end);
  const cpuMicroseconds = subject.cpuMicroseconds() - before;
  return { moves: latencies.length, cpuMicroseconds, latencies: latencies.sort((a, b) => a - b) };
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

process.stderr.write(`Signing ${pairs * 2} players in…\n`);
const subjects = [await castlingSubject(), await plainSubject()];
const samples = new Map(subjects.map(({ name }) => [name, [] as Sample[]]));
try {
  for (const subject of subjects) await sample(subject, 1_000);
  for (let round = 1; round <= rounds; round += 1) {
    for (const subject of subjects) {
      process.stderr.write(`Round ${round} of ${rounds}: ${subject.name}\n`);
      samples.get(subject.name)?.push(await sample(subject, seconds * 1_000));
    }
  }
} finally {
  for (const subject of subjects) await subject.stop();
}

const results = subjects.map(({ name }) => {
  const list = samples.get(name) ?? [];
  const costs = list.map(({ moves, cpuMicroseconds }) => cpuMicroseconds / moves);
  return {
    name,
    cpuMicrosecondsPerMove: median(costs),
    spread: [Math.min(...costs), Math.max(...costs)],
    movesPerSecond: median(list.map(({ moves }) => moves / seconds)),
    p50Ms: median(list.map(({ latencies }) => quantile(latencies, 0.5))),
    p99Ms: median(list.map(({ latencies }) => quantile(latencies, 0.99))),
  };
});
for (const { name, cpuMicrosecondsPerMove, spread, movesPerSecond, p50Ms, p99Ms } of results) {
  process.stdout.write(
    `${name.padEnd(14)} ${cpuMicrosecondsPerMove.toFixed(1)} µs CPU a move (${spread.map((each) => each.toFixed(1)).join(' to ')}), ` +
      `${movesPerSecond.toFixed(0)} moves/s, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms\n`,
  );
}
if (values.json !== undefined) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  writeFileSync(
    values.json,
    `${JSON.stringify({ bench: 'moves', pairs, rounds, seconds, pace, results, machine }, undefined, 2)}\n`,
  );
}
