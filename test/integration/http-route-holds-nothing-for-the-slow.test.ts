import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange, rawSocket } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  const slowness = { ...slownessDefaults, header: 500, request: 500 };
  rig = await ProxyRig.start({ backend: false, proxy: { slowness } });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** What is under way at all routes, as operators see it. */
async function underWay(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
  const values = [
    ...metrics.matchAll(/^castling_http_route_(?:requests|websockets)\{route="app"\} (\d+)$/gm),
  ];
  expect(values).toHaveLength(2);
  const busy = [...rig.proxy.httpRoutes.controlled()].flatMap(({ upstreams }) => [...upstreams]);
  return (
    values.reduce((sum, [, value]) => sum + Number(value), 0) + busy.reduce((sum, each) => sum + each.load, 0)
  );
}

async function untilQuiet(): Promise<void> {
  while ((await underWay()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('B12 at an http route, nothing is held', () => {
  it('for a body that comes too slowly, here or upstream', async () => {
    await using upstream = await HttpUpstreamFixture.start((request, response) => {
      request.on('end', () => response.end('all of it'));
    });
    routeHttp(rig, httpRoute([upstream.port]));
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const body = head.startsWith('T') ? '1\r\na\r\n' : 'a';
      const { text, isClosed } = await rawExchange(
        rig,
        `POST /app/x HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n${body}`,
      );
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
      expect(isClosed).toBe(true);
    }
    await untilQuiet();
    expect(upstream.seen).toEqual([]);
  });

  it('for clients that go in the middle of anything', async () => {
    await using upstream = await HttpUpstreamFixture.start(({ url }, response) => {
      if (url === '/never') return;
      response.writeHead(200, { 'content-length': '1000000' });
      response.write('x'.repeat(1_000));
    });
    routeHttp(rig, httpRoute([upstream.port]));
    const texts = [
      'GET /app/never HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET /app/half HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST /app/half HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc',
      'GET /app/never HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20),
    ];
    for (const text of texts) {
      const socket = await rawSocket(rig);
      socket.write(text);
      while ((await underWay()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
      await untilQuiet();
    }
  });

  it('for upstreams that say nothing, or a little at a time', async () => {
    await using upstream = await HttpUpstreamFixture.start(({ socket, url }) => {
      const drip = setInterval(() => {
        if (url === '/header') socket.write('X-Drip: 1\r\n');
        if (url === '/body') socket.write('1\r\nx\r\n');
      }, 50);
      socket.once('close', () => clearInterval(drip));
      if (url === '/header') socket.write('HTTP/1.1 200 OK\r\n');
      if (url === '/body') socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    });
    routeHttp(rig, httpRoute([upstream.port], { limits: { firstByteMs: 500, totalMs: 1_500 } }));
    const [silent, header, body] = await Promise.all(
      ['silent', 'header', 'body'].map((path) =>
        rawExchange(rig, `GET /app/${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      ),
    );
    expect(silent?.text).toMatch(/^HTTP\/1\.1 504 /);
    expect(header?.text).toMatch(/^HTTP\/1\.1 504 /);
    expect(body?.text).toMatch(/^HTTP\/1\.1 200 /);
    expect(body?.text).not.toMatch(/0\r\n\r\n$/);
    await untilQuiet();
  });
});
