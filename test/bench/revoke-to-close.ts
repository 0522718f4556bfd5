/**
 * How long a socket outlives its session: 1,000 sockets on two proxy processes, whose sessions another process ends.
 * Run: node test/bench/revoke-to-close.ts
 */
import { revokeToClose } from '../support/revoke-to-close.ts';

const { sorted } = await revokeToClose({ players: 20, socketsOfPlayer: 50 });
const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(0);
console.log(`${sorted.length} sockets: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, all ${at(1)} ms`);
