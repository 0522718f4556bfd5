/**
 * In a network of its own, whose sockets hold little: a spectator stops reading while two players make events. Prints what the
 * proxy kept for the spectator, how the players fared, and what became of the memory. Arguments: events, and bytes that may wait.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { limitDefaults, slownessDefaults } from '../../src/settings/index.ts';
import { narrowSockets, raiseLoopback } from './network-namespace.ts';
import { type ProxyPlayer, startMatch } from './proxy-player.ts';
import { ProxyRig } from './proxy-rig.ts';

export interface SlowReader {
  /** The spectator's close code. */
  readonly code: number;
  /** Bytes that waited for the spectator at most, as the operator's metric had it. */
  readonly mostWaiting: number;
  /** Bytes that wait at the end. */
  readonly waiting: number;
  readonly closings: string | undefined;
  /** Events that the players made after the spectator had stopped reading, and how long the slowest hundredth took: milliseconds. */
  readonly events: number;
  readonly p99: { readonly alone: number; readonly beside: number };
  /** Bytes of memory more than before, after collection. */
  readonly grown: number;
}

const [events = 2_000, waitingBytes = 128 * 1024] = process.argv.slice(2).map(Number);
const plenty = { perSecond: 100_000, burst: 100_000 };
const limits = {
  ...limitDefaults,
  session: { ...limitDefaults.session, messages: plenty, bytes: { perSecond: 2 ** 30, burst: 2 ** 30 } },
  account: { ...limitDefaults.account, messages: plenty, bytes: { perSecond: 2 ** 30, burst: 2 ** 30 } },
  address: {
    ...limitDefaults.address,
    messages: { base: plenty, perAccount: plenty },
    bytes: {
      base: { perSecond: 2 ** 30, burst: 2 ** 30 },
      perAccount: { perSecond: 2 ** 30, burst: 2 ** 30 },
    },
  },
};

/** A match's log has a bound. */
const eventsOfMatch = 2_500;

raiseLoopback();
narrowSockets(16 * 1024);
const rig = await ProxyRig.start({
  logLevel: 'info',
  proxy: { policy: { limits }, slowness: { ...slownessDefaults, waitingBytes } },
});
const [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((name) => rig.player(name)));
if (ada === undefined || bob === undefined || eve === undefined) throw new Error('nobody came');
let { match, code } = await startMatch(ada, bob);

const alone = await play(Math.floor(events / 4));
const before = memory();
await eve.demand('match.watch', { code });
eve.webSocket.pause();
let mostWaiting = 0;
const beside = await play(events, async () => {
  mostWaiting = Math.max(mostWaiting, await gauge('castling_proxy_waiting_bytes'));
  // The rest of what was written to her, and why no more came.
  if ((await closings()) !== undefined) eve.webSocket.resume();
});
if ((await closings()) === undefined)
  throw new Error(`The spectator is still there; ${mostWaiting} bytes waited for it.`);
const { code: closed } = await eve.closed;
const waiting = await gauge('castling_proxy_waiting_bytes');
const grown = memory() - before;
// What the machine itself was busy with may differ from minute to minute: half of the baseline is from after the attack.
alone.push(...(await play(Math.floor(events / 4))));
const result: SlowReader = {
  code: closed,
  mostWaiting,
  waiting,
  closings: await closings(),
  events: beside.length,
  p99: { alone: p99(alone), beside: p99(beside) },
  grown,
};
console.log(JSON.stringify(result));
await rig[Symbol.asyncDispose]();
process.exit(0);

/** Offers and declines, each an event; gives the milliseconds of each. */
async function play(count: number, look: () => Promise<void> = async () => {}): Promise<number[]> {
  const took: number[] = [];
  while (took.length < count) {
    if (took.length % eventsOfMatch === 0 && took.length > 0) await anotherMatch();
    took.push(await timed(ada as ProxyPlayer, 'match.offerDraw', {}));
    took.push(await timed(bob as ProxyPlayer, 'match.answerDraw', { accept: false }));
    if (took.length % 50 === 0) await look();
    // What a test keeps of what it heard must not count as the proxy's memory.
    for (const player of [ada, bob]) player?.heard.splice(0);
  }
  return took;
}

/** The spectator follows it too; the answer waits unread with the rest. */
async function anotherMatch(): Promise<void> {
  await (ada as ProxyPlayer).demand('match.resign', { match, commandId: (ada as ProxyPlayer).commandId() });
  ({ match, code } = await startMatch(ada as ProxyPlayer, bob as ProxyPlayer));
  if (!(eve as ProxyPlayer).isClosed) {
    (eve as ProxyPlayer).send(
      JSON.stringify({ jsonrpc: '2.0', id: match, method: 'match.watch', params: { code } }),
    );
  }
}

async function timed(
  player: ProxyPlayer,
  method: 'match.offerDraw' | 'match.answerDraw',
  params: object,
): Promise<number> {
  const start = performance.now();
  await player.demand(method, { match, commandId: player.commandId(), ...params });
  return performance.now() - start;
}

function p99(took: readonly number[]): number {
  return [...took].sort((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0;
}

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

async function gauge(name: string): Promise<number> {
  await turn();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await rig.metrics())?.[1] ?? Number.NaN);
}

async function closings(): Promise<string | undefined> {
  return (await rig.metrics()).match(/^castling_proxy_closings_total\{code="slow_consumer"\} (\d+)$/m)?.[1];
}
