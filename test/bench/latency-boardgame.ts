import type { Bench } from './harness/bench.ts';
import { latencySubjects } from './subjects/steady-load.ts';

export default {
  name: 'latency-boardgame',
  question:
    'How long does a move take when 50 pairs play at 60 % of what the slower of Castling and boardgame.io can serve?',
  operation: 'move',
  notes: ['As latency.'],
  subjects: latencySubjects(['castling', 'boardgame.io']),
  warmUp: 3,
  seconds: 4,
  targets: [{ figure: 'p99Ms', peer: 'boardgame.io', most: 1 }],
} satisfies Bench;
