import { request } from 'node:https';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults, slownessDefaults } from '../../src/settings/index.ts';
import { ProxyRig } from '../support/proxy-rig.ts';
import { slowHttpTest } from '../support/slow-http-test.ts';

const large = Buffer.alloc(32 * 1024 * 1024, 'x');

const strangers = { base: 1_000, perAccount: 0 };

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({
    backend: false,
    logLevel: 'info',
    proxy: {
      // What one address may hold would refuse most of the 600; it is the waiting that is tried here.
      policy: { limits: { ...limitDefaults, address: { ...limitDefaults.address, strangers } } },
      slowness: { ...slownessDefaults, answerGrace: 2_000 },
      page: async (scope) => {
        scope.get('/', async () => 'a page');
        scope.get('/large', async () => large);
      },
    },
  });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** Sends a start at once and then a byte a second; gives the answer and the milliseconds to the end. */
function drip(start: string, byte: string): Promise<{ ms: number; answer: string }> {
  return new Promise((resolve) => {
    const since = performance.now();
    let answer = '';
    const options = { port: rig.port, host: '127.0.0.1', servername: 'localhost', ca: rig.ca };
    const socket = connect(options, () => socket.write(start));
    const timer = setInterval(() => socket.write(byte), 1_000);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
    });
    socket.once('close', () => {
      clearInterval(timer);
      resolve({ ms: performance.now() - since, answer });
    });
  });
}

/** From another address, as somebody else would. */
function elsewhere(): Promise<number> {
  return new Promise((resolve) => {
    const options = {
      host: 'localhost',
      port: rig.port,
      ca: rig.ca,
      agent: false,
      localAddress: '127.0.0.2',
    };
    const asked = request({ ...options, path: '/', timeout: 5_000 }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(0));
    asked.end();
  });
}

describe.concurrent('B12 slow requests', () => {
  it('slow headers, slow bodies and slow readers, 200 of each: the server stays there, for others too', async () => {
    const url = `https://127.0.0.1:${rig.port}/`;
    const attack = { url, seconds: 14, connections: 200, perSecond: 50 };
    const running = Promise.all(
      (['H', 'B', 'X'] as const).map(async (mode) => await slowHttpTest({ ...attack, mode })),
    );
    let isOver = false;
    const over = running.finally(() => {
      isOver = true;
    });
    const statuses = new Set<number>();
    while (!isOver) {
      statuses.add(await elsewhere());
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(await over).toEqual(['YES', 'YES', 'YES']);
    expect([...statuses]).toEqual([200]);
  }, 60_000);

  it('a header that comes byte by byte is closed within 15 s', async () => {
    const { ms, answer } = await drip('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x');
    expect(ms).toBeLessThan(15_000);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  }, 60_000);

  it('a body that comes byte by byte is closed within 20 s, with 408', async () => {
    const head = [
      'POST /auth/login HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Length: 1000',
    ].join('\r\n');
    const { ms, answer } = await drip(`${head}\r\n\r\n{`, ' ');
    expect(ms).toBeLessThan(20_000);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  }, 60_000);

  it('an answer that nobody reads is cut off, and counted', async () => {
    const cutOff = await new Promise<number>((resolve) => {
      let since = 0;
      const options = { port: rig.port, host: '127.0.0.1', servername: 'localhost', ca: rig.ca };
      const socket = connect(options, () => {
        since = performance.now();
        socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n');
        socket.once('readable', () => {});
      });
      socket.on('error', () => {});
      // Nothing is read; that the other side has gone shows when something is.
      const timer = setInterval(async () => {
        if (!(await rig.metrics()).includes('castling_listener_slow_answers_total 0')) {
          clearInterval(timer);
          resolve(performance.now() - since);
          socket.destroy();
        }
      }, 100);
    });
    expect(cutOff).toBeGreaterThan(1_500);
    expect(cutOff).toBeLessThan(20_000);
  }, 60_000);
});
