import type { Bench } from './harness/bench.ts';
import { castlingWatchers, colyseusWatchers, socketioWatchers } from './subjects/watchers.ts';

const spectators = 2_000;

export default {
  name: 'watchers',
  question: 'What does it cost to tell 2,000 spectators of a move, and when does the last one know?',
  operation: 'delivery',
  notes: [
    'The next move is made when the last one knows of the one before. p50, p99 and p99.9 are of the time until the last one knows.',
    'Colyseus and socket.io: a room with as many clients, and a message of the same length; nothing is checked, decided or stored.',
  ],
  subjects: {
    castling: castlingWatchers(spectators),
    colyseus: colyseusWatchers(spectators),
    'socket.io': socketioWatchers(spectators),
  },
  warmUp: 3,
  targets: [
    { figure: 'cpuMicroseconds', peer: 'colyseus', most: 0.8 },
    { figure: 'cpuMicroseconds', peer: 'socket.io', most: 0.8 },
  ],
} satisfies Bench;
