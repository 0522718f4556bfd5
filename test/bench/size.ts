import type { Bench } from './harness/bench.ts';
import { castlingOnFilledLog } from './subjects/filled-log.ts';

const pairs = 50;
const eventsOfMatch = 50;

export default {
  name: 'size',
  question: 'What does a move cost with 100,000 live matches and 5 million events in the log?',
  operation: 'move',
  notes: [
    'Both are Castling; “100 matches” has 100 of the same kind. The moves are of 50 pairs in new matches.',
    'The ratio of the backend’s memory, right after its start, shows what sleeping matches take: they lie in the log until somebody wants them.',
  ],
  subjects: {
    castling: castlingOnFilledLog({ pairs, matches: 100_000, eventsOfMatch }),
    '100 matches': castlingOnFilledLog({ pairs, matches: 100, eventsOfMatch }),
  },
  figures: {
    startSeconds: { label: 'start until ready', unit: 's', better: 'less' },
    backendMebibytes: { label: 'memory of the backend', unit: 'MiB', better: 'less' },
  },
  warmUp: 4,
  targets: [
    { figure: 'cpuMicroseconds', peer: '100 matches', most: 1.3 },
    { figure: 'startSeconds', most: 3 },
  ],
} satisfies Bench;
