/**
 * How players fare while somebody attacks: the slowest hundredth of their moves (p99), during each attack as a ratio of the quiet
 * minutes before and after it in the same run. The attackers run in a process of their own and from the players' own address.
 *
 *   node test/bench/players-under-attack.ts [--pairs 20] [--seconds 8] [--pace 50] [--json FILE]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startCastling } from '../support/castling.ts';
import { commandId, type RawPlayer, registerRawPlayer } from '../support/raw-player.ts';
import { type AttackName, attackNames } from './attacks.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '20' },
    /** Of each attack, and of each quiet time. */
    seconds: { type: 'string', default: '8' },
    /** Milliseconds from one move of a pair to the next. */
    pace: { type: 'string', default: '50' },
    json: { type: 'string' },
  },
});
const pairs = Number(values.pairs);
const seconds = Number(values.seconds);
const pace = Number(values.pace);

/** Nine moves that end in a draw. */
const squares = [4, 0, 8, 2, 1, 7, 3, 5, 6];

type Pair = readonly [RawPlayer, RawPlayer];

const castling = await startCastling();
process.stderr.write(`Signing ${pairs * 2} players in…\n`);
const seats: Pair[] = [];
for (let number = 0; number < pairs; number += 1) {
  const [host, guest] = [`bench${number}a`, `bench${number}b`];
  seats.push([
    await registerRawPlayer(castling, { name: host }),
    await registerRawPlayer(castling, { name: guest }),
  ]);
}

/** Plays all pairs for a while; gives the milliseconds from each move to its answer. */
async function play(): Promise<number[]> {
  const end = performance.now() + seconds * 1_000;
  const took: number[] = [];
  const playPair = async ([host, guest]: Pair) => {
    while (performance.now() < end) {
      const created = await host.call('match.create', { game: 'tic-tac-toe', commandId: commandId() });
      const { match, code } = created.result as { match: string; code: string };
      await guest.call('match.join', { code, commandId: commandId() });
      for (const [turn, move] of squares.entries()) {
        const mover = turn % 2 === 0 ? host : guest;
        const start = performance.now();
        const answer = await mover.call('match.move', { match, seq: 5 + turn, commandId: commandId(), move });
        if (answer.error !== undefined)
          throw new Error(`A legal move was refused: ${JSON.stringify(answer.error)}`);
        took.push(performance.now() - start);
        await sleep(pace);
      }
    }
  };
  await Promise.all(seats.map(playPair));
  for (const player of seats.flat()) (player.received as unknown[]).splice(0);
  return took;
}

async function underAttack(attack: AttackName): Promise<number[]> {
  const child = fork(new URL('attacks.ts', import.meta.url).pathname, [attack, castling.url, castling.ca]);
  await once(child, 'message');
  try {
    return await play();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

const quantile = (took: readonly number[], q: number) =>
  [...took].sort((a, b) => a - b)[Math.min(took.length - 1, Math.floor(took.length * q))] ?? 0;
const summary = (took: readonly number[]) => ({
  moves: took.length,
  p50: quantile(took, 0.5),
  p99: quantile(took, 0.99),
});

const results = [];
try {
  await play();
  for (const attack of attackNames) {
    process.stderr.write(`${attack}…\n`);
    const before = await play();
    const during = await underAttack(attack);
    await sleep(1_000);
    const quiet = summary([...before, ...(await play())]);
    const attacked = summary(during);
    const ratio = attacked.p99 / quiet.p99;
    results.push({ attack, quiet, attacked, ratio });
    process.stdout.write(
      `${attack.padEnd(14)} p99 ${quiet.p99.toFixed(1)} ms quiet, ${attacked.p99.toFixed(1)} ms attacked: ${ratio.toFixed(2)} times ` +
        `(p50 ${quiet.p50.toFixed(1)} and ${attacked.p50.toFixed(1)} ms, ${attacked.moves} moves)\n`,
    );
  }
} finally {
  for (const player of seats.flat()) player.close();
  await castling[Symbol.asyncDispose]();
}
if (values.json !== undefined) {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  const load = readFileSync('/proc/loadavg', 'utf8').trim();
  writeFileSync(
    values.json,
    `${JSON.stringify({ bench: 'players-under-attack', pairs, seconds, pace, results, machine, load }, undefined, 2)}\n`,
  );
}
