import type { Bench } from '../harness/bench.ts';
import {
  boardgameTables,
  castlingTables,
  colyseusTables,
  haproxyTables,
  nginxTables,
  nullTables,
} from './tables.ts';

/** What a move costs when so many pairs play as fast as they are answered. */
export function movesBench(pairs: number): Bench {
  return {
    name: `moves-${pairs}`,
    question: `What does a move cost when ${pairs} pairs play as fast as they are answered?`,
    operation: 'move',
    notes: [
      'A move counts when its player has been answered and the opponent has been told. Making the matches is not measured.',
      'Castling: accounts, policy and the durable log are on. HAProxy and nginx: in front of one `ws` process with the same rules, and a log ' +
        'that is the very same code. “Lean log” is the same with one row a move: no hash chain, no command ids.',
      'Colyseus and boardgame.io: TLS, everything in memory, no accounts, no log. Colyseus sends messages, which cost it less than state that is kept in step.',
    ],
    subjects: {
      castling: castlingTables({ pairs }),
      haproxy: haproxyTables({ pairs }),
      nginx: nginxTables({ pairs }),
      'haproxy, lean log': haproxyTables({ pairs }, 'lean'),
      colyseus: colyseusTables({ pairs }),
      'boardgame.io': boardgameTables({ pairs }),
    },
    nullServer: nullTables({ pairs }),
    // Castling has more code to warm up than its peers.
    warmUp: 5,
    targets: [
      { figure: 'cpuMicroseconds', peer: 'haproxy', most: 0.6 },
      { figure: 'cpuMicroseconds', peer: 'nginx', most: 0.65 },
      { figure: 'cpuMicroseconds', peer: 'colyseus', most: 1 },
      { figure: 'cpuMicroseconds', peer: 'boardgame.io', most: 0.15 },
    ],
  };
}
