import type { Bench } from './harness/bench.ts';
import { castlingIdle, haproxyIdle, nginxIdle } from './subjects/idle-sockets.ts';

const sockets = 4_000;

export default {
  name: 'idle',
  question: 'How much memory does a socket take that says nothing, when 4,000 are open?',
  operation: 'socket',
  notes: [
    'What all processes of the subject have more than before, by the number of sockets; taken 5 s after the last one was opened.',
    'Castling’s are signed in, each in a session of its own.',
  ],
  subjects: { castling: castlingIdle(sockets), nginx: nginxIdle(sockets), haproxy: haproxyIdle(sockets) },
  figures: {
    kibibytes: { label: 'memory a socket', unit: 'KiB', better: 'less' },
    open: { label: 'still open', unit: 'sockets', better: 'more' },
  },
  targets: [{ figure: 'kibibytes', peer: 'nginx', most: 1 }],
  rounds: 2,
  warmUp: 0,
  alone: true,
} satisfies Bench;
