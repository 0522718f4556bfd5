import type { Bench } from './harness/bench.ts';
import { castlingIdle } from './subjects/idle-sockets.ts';

export default {
  name: 'idle-8000',
  question: 'Do 8,000 signed-in sockets hold?',
  operation: 'socket',
  subjects: { castling: castlingIdle(8_000) },
  figures: {
    kibibytes: { label: 'memory a socket', unit: 'KiB', better: 'less' },
    open: { label: 'still open', unit: 'sockets', better: 'more' },
  },
  targets: [{ figure: 'open', least: 8_000 }],
  rounds: 1,
  warmUp: 0,
  alone: true,
} satisfies Bench;
