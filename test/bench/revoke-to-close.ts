import { revokeToClose } from '../support/revoke-to-close.ts';
import type { Bench } from './harness/bench.ts';

export default {
  name: 'revoke-to-close',
  question: 'How long does a socket outlive its session when another process ends it?',
  operation: 'socket',
  notes: ['1,000 sockets on two proxy processes. The promise is one second.'],
  subjects: {
    castling: async () => ({
      pids: () => [],
      async round() {
        const { sorted } = await revokeToClose({ players: 20, socketsOfPlayer: 50 });
        return { operations: 0, latencies: sorted };
      },
      stop: async () => {},
    }),
  },
  targets: [{ figure: 'p999Ms', most: 1_000 }],
  rounds: 3,
  warmUp: 0,
} satisfies Bench;
