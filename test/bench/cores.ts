import type { Bench } from './harness/bench.ts';
import { castlingTables } from './subjects/tables.ts';

const pairs = 100;

export default {
  name: 'cores',
  question: 'How many more moves do two workers serve than one?',
  operation: 'move',
  notes: ['100 pairs, one backend. The load generator is on the same machine: two cores have to do for all.'],
  subjects: {
    castling: castlingTables({ pairs, args: ['--workers', '2'] }),
    'one worker': castlingTables({ pairs, args: ['--workers', '1'] }),
  },
  warmUp: 4,
} satisfies Bench;
