import type { Bench } from './harness/bench.ts';
import { latencySubjects } from './subjects/steady-load.ts';

export default {
  name: 'latency',
  question: 'How long does a move take when 50 pairs play at 60 % of what the slowest of these can serve?',
  operation: 'move',
  notes: [
    'What each can serve is measured first, as in moves-50. Then all get the same steady rate. A move that has to wait for the one before it counts from when it was due.',
    'boardgame.io, whose capacity is far below the others’, is compared apart, in latency-boardgame.',
  ],
  subjects: latencySubjects(['castling', 'haproxy', 'nginx', 'colyseus']),
  warmUp: 3,
  seconds: 4,
  targets: [
    { figure: 'p99Ms', peer: 'haproxy', most: 1 },
    { figure: 'p99Ms', peer: 'nginx', most: 1 },
    { figure: 'p99Ms', peer: 'colyseus', most: 1 },
  ],
} satisfies Bench;
