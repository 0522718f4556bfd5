import type { Bench } from './harness/bench.ts';
import { type AttackName, attackNames } from './load/attackers.ts';
import { attackedPlayers } from './subjects/attacked-players.ts';

const { quiet, during } = attackedPlayers({ pairs: 20, intervalMs: 50 });

export default {
  name: 'players-under-attack',
  question: 'How long does a move take while somebody attacks, beside a quiet time?',
  operation: 'move',
  notes: [
    'Castling is in its quiet time; the others are the same Castling while it is attacked, so a ratio of 0.5 means that moves take twice as long. The promise is no more than that at p99.',
    '20 pairs move every 50 ms, with the default limits. Attackers come from the players’ own address, as a process with a lower priority than the rest: they would have machines of their own.',
  ],
  subjects: {
    castling: quiet,
    ...Object.fromEntries(attackNames.map((attack) => [attack, during([attack])])),
    'all at once': during(attackNames),
  },
  seconds: 4,
  targets: [...attackNames, 'all at once' as const].map((peer: AttackName | 'all at once') => ({
    figure: 'p99Ms',
    peer,
    least: 0.5,
  })),
} satisfies Bench;
