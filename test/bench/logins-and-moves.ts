import type { Bench } from './harness/bench.ts';
import { movesBesideLogins } from './subjects/logins.ts';

export default {
  name: 'logins-and-moves',
  question: 'How long does a move take while others sign in as fast as they can?',
  operation: 'move',
  notes: [
    '50 pairs, 167 moves a second in all. “Calm” is another Castling at the same pace, with nobody who signs in.',
  ],
  subjects: { castling: movesBesideLogins({ flood: true }), calm: movesBesideLogins({ flood: false }) },
  targets: [{ figure: 'p99Ms', peer: 'calm', most: 2 }],
} satisfies Bench;
