import type { Bench, Round } from './harness/bench.ts';
import type { BytePipe } from './load/byte-pipe.ts';
import {
  castlingAtBothEnds,
  castlingTunnel,
  haproxyTunnel,
  stunnelAtBothEnds,
  stunnelTunnel,
} from './subjects/tunnels.ts';

/** Connections that are busy, bytes of one message, and bytes of one connection on their way. */
const busy = 4;
const chunk = Buffer.alloc(32 * 1024, 'x');
const onTheWay = 8 * chunk.length;
const mebibyte = 1024 * 1024;

/** Bytes that came back within the time; what is then on its way comes, too, before this resolves. */
async function stream(pipe: BytePipe, until: number): Promise<number> {
  let back = 0;
  let sent = 0;
  await new Promise<void>((resolve) => {
    const fill = () => {
      const isOver = performance.now() >= until;
      for (; !isOver && sent - back < onTheWay; sent += chunk.length) pipe.send(chunk);
      if (isOver && back === sent) resolve();
    };
    pipe.onBytes = (bytes) => {
      back += bytes.length;
      fill();
    };
    fill();
  });
  return back;
}

async function load(pipes: readonly BytePipe[], { milliseconds, measured }: Round) {
  const counts = await measured(async () => {
    const until = performance.now() + milliseconds;
    return await Promise.all(pipes.slice(0, busy).map((pipe) => stream(pipe, until)));
  });
  return { operations: counts.reduce((sum, bytes) => sum + bytes, 0) / mebibyte };
}

export default {
  name: 'tunnel-bytes',
  question: 'What does a mebibyte and its echo cost on a `tcp` route?',
  operation: 'mebibyte there and back',
  notes: [
    '4 connections with 256 KiB each on the way; the rate is what the load generator manages, and the CPU is what to compare.',
    '“At both ends” counts the process on the player’s machine, too.',
    'A WebSocket client masks what it sends (RFC 6455 section 5.3), and the server takes the mask off: stunnel and HAProxy have no such work.',
  ],
  subjects: {
    castling: castlingTunnel(load),
    'castling at both ends': castlingAtBothEnds(load),
    stunnel: stunnelTunnel(load),
    'stunnel at both ends': stunnelAtBothEnds(load),
    haproxy: haproxyTunnel(load),
  },
} satisfies Bench;
