import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Round } from './harness/bench.ts';
import { ascending, quantile } from './harness/statistics.ts';
import type { BytePipe } from './load/byte-pipe.ts';
import {
  castlingAtBothEnds,
  castlingTunnel,
  haproxyTunnel,
  noTunnel,
  stunnelAtBothEnds,
  stunnelTunnel,
} from './subjects/tunnels.ts';

/** Milliseconds between two moves of the quiet pair, and the part of a round that it has. */
const paceMs = 5;
const quietPart = 0.3;

const move = Buffer.from('5');

/** Milliseconds from a move of one byte to its answer. */
async function play(pipe: BytePipe): Promise<number> {
  const sentAt = performance.now();
  await new Promise<void>((resolve) => {
    pipe.onBytes = () => resolve();
    pipe.send(move);
  });
  return performance.now() - sentAt;
}

async function load(pipes: readonly BytePipe[], { milliseconds, measured }: Round) {
  const [first] = pipes;
  const quiet: number[] = [];
  const quietUntil = performance.now() + milliseconds * quietPart;
  while (first !== undefined && performance.now() < quietUntil) {
    quiet.push(await play(first));
    await sleep(paceMs);
  }
  const latencies: number[] = [];
  await measured(async () => {
    const until = performance.now() + milliseconds * (1 - quietPart);
    const again = async (pipe: BytePipe) => {
      while (performance.now() < until) latencies.push(await play(pipe));
    };
    await Promise.all(pipes.map(again));
  });
  return {
    operations: latencies.length,
    latencies,
    figures: { quietMs: quantile(ascending(quiet), 0.5) },
  };
}

export default {
  name: 'tunnel-moves',
  question:
    'What does a move of one byte and its answer cost on a `tcp` route, and how much later do they come?',
  operation: 'move with its answer',
  notes: [
    '16 connections that were open before, each sending its next move at once; `quiet` is one connection with a pause before each move. Subtract that of “no tunnel” for what is added.',
    '“At both ends” counts the process on the player’s machine, too. The others are spoken to by the load generator itself: Castling by WebSocket over TLS, the peers by TLS.',
    'Castling signs the player in, keeps accounts and ends the tunnel with the session; the peers do none of that. “No tunnel” is the CPU of the echoing program alone.',
  ],
  figures: { quietMs: { label: 'quiet', unit: 'ms', better: 'less' } },
  subjects: {
    castling: castlingTunnel(load),
    'castling at both ends': castlingAtBothEnds(load),
    stunnel: stunnelTunnel(load),
    'stunnel at both ends': stunnelAtBothEnds(load),
    haproxy: haproxyTunnel(load),
    'no tunnel': noTunnel(load),
  },
} satisfies Bench;
