/** In a network of its own: a player's packets stop arriving, and the proxy has only silence to go by. Prints what came of it. */
import { slownessDefaults } from '../../src/settings/index.ts';
import { dropPackets, raiseLoopback } from './network-namespace.ts';
import { startMatch } from './proxy-player.ts';
import { ProxyRig } from './proxy-rig.ts';

export interface DeadPeer {
  /** Milliseconds from the loss to the word that the opponent got. */
  readonly told: number;
  /** Seats online, as the opponent was told last. */
  readonly online: readonly number[];
  /** Sockets that the proxy closed as silent. */
  readonly silent: string | undefined;
}

const slowness = { ...slownessDefaults, pingAfter: 300, silence: 1_500 };

raiseLoopback();
const rig = await ProxyRig.start({ logLevel: 'info', proxy: { slowness } });
const [ada, bob] = await Promise.all([rig.player('ada'), rig.player('bob')]);
const { match, seats } = await startMatch(ada, bob);
const seatOfBob = seats.indexOf(bob);
await bob.notification('match.presence', (params) => params.match === match && params.online?.length === 2);
const socket = (ada.webSocket as unknown as { _socket: { localPort: number } })._socket;
const lostAt = performance.now();
dropPackets(socket.localPort);
const { online } = await bob.notification(
  'match.presence',
  (params) => params.match === match && params.online?.length === 1 && params.online[0] === seatOfBob,
);
const told = performance.now() - lostAt;
const metrics = await rig.metrics();
const silent = metrics.match(/^castling_proxy_closings_total\{code="silent"\} (\d+)$/m)?.[1];
console.log(JSON.stringify({ told, online, silent } satisfies DeadPeer));
await rig[Symbol.asyncDispose]();
process.exit(0);
