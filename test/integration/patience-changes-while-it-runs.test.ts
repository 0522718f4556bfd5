import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import { clientFrame, rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const short = { handshake: 300, header: 400, request: 400, keepAlive: 300, signIn: 300 };
/** What a slow machine, and the second between two looks at requests, may add. */
const spareMs = 6_000;

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false, logLevel: 'info' });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** How often this has been counted, by the operator's metrics. */
async function counted(series: string): Promise<number> {
  const line = (await rig.metrics()).split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.split(' ')[1] ?? 0);
}

interface Ended {
  readonly ms: number;
  readonly answer: string;
}

function untilClosed(socket: ReturnType<typeof connectTcp> | TLSSocket): Promise<Ended> {
  const since = performance.now();
  let answer = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1');
  });
  return new Promise((resolve) => {
    socket.once('close', () => resolve({ ms: performance.now() - since, answer }));
  });
}

function overTls(text: string): Promise<Ended> {
  const options = { port: rig.port, host: '127.0.0.1', servername: 'localhost', ca: rig.ca };
  const socket = connectTls(options, () => socket.write(text));
  return untilClosed(socket);
}

function overTcp(bytes: Uint8Array): Promise<Ended> {
  const socket = connectTcp(rig.port, '127.0.0.1', () => socket.write(bytes));
  return untilClosed(socket);
}

const ended = (reason: string) => `castling_listener_ended_connections_total{reason="${reason}"}`;
const cases = [
  {
    who: 'whoever does not finish the handshake',
    peer: () => overTcp(Buffer.from([0x16, 0x03, 0x01])),
    series: 'castling_listener_refused_connections_total{reason="late"}',
    answer: /^$/,
  },
  {
    who: 'whoever does not finish a header',
    peer: () => overTls('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
    series: ended('slow_request'),
    answer: /^HTTP\/1\.1 408 /,
  },
  {
    who: 'whoever does not finish a body',
    peer: () =>
      overTls(
        'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      ),
    series: ended('slow_request'),
    answer: /^HTTP\/1\.1 408 /,
  },
  {
    who: 'whoever asks for nothing more',
    peer: () => overTls('GET /api/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    series: ended('idle'),
    answer: /^HTTP\/1\.1 404 /,
  },
  {
    who: 'a WebSocket on which nobody signs in',
    peer: () => overTls(upgradeText()),
    series: 'castling_proxy_closings_total{code="token_missing"}',
    answer: /token_missing/,
  },
];

describe('patience', () => {
  it.each(cases)('with $who is what the settings say now, and each end is counted', async (each) => {
    const before = await counted(each.series);
    rig.proxy.bear({ ...slownessDefaults, ...short });
    try {
      const { ms, answer } = await each.peer();
      expect(ms).toBeLessThan(Math.max(...Object.values(short)) + spareMs);
      expect(answer).toMatch(each.answer);
    } finally {
      rig.proxy.bear(slownessDefaults);
    }
    expect(await counted(each.series)).toBe(before + 1);
  });

  it.each([
    ['handshake', () => overTcp(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')), /^[^H]*$/],
    ['not_http', () => overTls('\0\r\n\r\n'), /^HTTP\/1\.1 400 /],
    [
      'header_too_large',
      () => overTls(`GET / HTTP/1.1\r\nX-Huge: ${'x'.repeat(17 * 1024)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    ],
  ] as const)('ends at once where the bytes are wrong, and counts it: %s', async (reason, peer, answer) => {
    const before = await counted(ended(reason));
    expect((await peer()).answer).toMatch(answer);
    expect(await counted(ended(reason))).toBe(before + 1);
  });

  it('ends a WebSocket whose frames are wrong, and counts it', async () => {
    await rawExchange(rig, Buffer.concat([Buffer.from(upgradeText()), clientFrame({ opcode: 3 })]));
    expect(await counted('castling_proxy_closings_total{code="protocol_error"}')).toBe(1);
  });
});
