import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRouteLimits } from '../../src/proxy/routes/http/http-route.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange, rawSocket } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const mebibyte = 1024 * 1024;

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

function routeFor({ port }: HttpUpstreamFixture, limits: Partial<HttpRouteLimits> = {}): void {
  routeHttp(rig, httpRoute([port], { limits }));
}

/** Waits until a number that grows has stood still for a while. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    if (read() === last) return last;
    last = read();
  }
}

describe('an http route', () => {
  it('passes on each part of an answer as it comes', async () => {
    const { promise: heard, resolve: goOn } = Promise.withResolvers<void>();
    await using upstream = await HttpUpstreamFixture.start(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
      await heard;
      response.end('data: second\n\n');
    });
    routeFor(upstream);
    const socket = await rawSocket(rig);
    let text = '';
    const first = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.includes('first')) resolve();
      });
    });
    socket.write('GET /app/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await first;
    expect(text).not.toContain('second');
    goOn();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toContain('second');
  });

  it('passes on a head that no body follows for a while', async () => {
    const { promise: heard, resolve: goOn } = Promise.withResolvers<void>();
    await using upstream = await HttpUpstreamFixture.start(async (_request, response) => {
      response.writeHead(200).flushHeaders();
      await heard;
      response.end();
    });
    routeFor(upstream);
    const { text } = await rawExchange(rig, 'GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n', {
      until: /\r\n\r\n/,
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    goOn();
  });

  it('takes no more from an upstream than a slow client takes', async () => {
    let written = 0;
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && written < 64 * mebibyte) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    routeFor(upstream, { responseBodyBytes: 128 * mebibyte });
    const socket = await rawSocket(rig);
    socket.pause();
    socket.write('GET /app/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(await settled(() => written)).toBeLessThan(24 * mebibyte);
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received).toBeGreaterThan(64 * mebibyte);
  });

  it('takes no more from a client than a slow upstream takes', async () => {
    let request: IncomingMessage | undefined;
    await using upstream = await HttpUpstreamFixture.start((given, response) => {
      request = given;
      given.pause();
      given.on('end', () => response.end('taken'));
    });
    routeFor(upstream, { requestBodyBytes: 128 * mebibyte });
    const sending = httpsRequest({
      host: 'localhost',
      port: rig.port,
      path: '/app/',
      method: 'POST',
      ca: rig.ca,
    });
    const answered = new Promise<IncomingMessage>((resolve) => sending.once('response', resolve));
    let sent = 0;
    const more = (): void => {
      while (sent < 64 * mebibyte) {
        sent += 65_536;
        if (!sending.write(Buffer.alloc(65_536))) {
          sending.once('drain', more);
          return;
        }
      }
      sending.end();
    };
    more();
    expect(await settled(() => sent)).toBeLessThan(24 * mebibyte);
    request?.resume();
    expect((await answered).statusCode).toBe(200);
    expect(sent).toBe(64 * mebibyte);
  });

  it('passes on an answer that comes before the request has ended, and keeps the client', async () => {
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(403, { connection: 'close' }).end('no thanks');
    });
    routeFor(upstream);
    const head = 'POST /app/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n';
    const { text } = await rawExchange(rig, `${head}${'x'.repeat(1_000)}`, { until: /no thanks/ });
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('asks for a body only when it is wanted', async () => {
    await using upstream = await HttpUpstreamFixture.start(
      (_request, response) => void response.end('taken'),
    );
    routeFor(upstream, { requestBodyBytes: 100 });
    const head = (length: number) =>
      `POST /app/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`;
    const wanted = await rawSocket(rig);
    let text = '';
    wanted.on('data', (chunk) => {
      text += chunk;
      if (/^HTTP\/1\.1 100 Continue\r\n\r\n$/.test(text)) wanted.write('hello');
    });
    wanted.write(head(5));
    await new Promise<void>((resolve) => wanted.on('data', () => text.includes('taken') && resolve()));
    expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    expect(upstream.last).toMatchObject({ body: 'hello' });
    expect(upstream.last.headers.expect).toBeUndefined();
    wanted.destroy();
    const unwanted = await rawExchange(rig, head(101), { until: /\}$/ });
    expect(unwanted.text).toMatch(/^HTTP\/1\.1 413 /);
    const strange = head(5).replace('100-continue', 'a-miracle');
    expect((await rawExchange(rig, strange, { until: /\r\n\r\n/ })).text).toMatch(/^HTTP\/1\.1 417 /);
  });

  it('passes on fields after the body to who asks for them, without those that decide anything', async () => {
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum, set-cookie', 'transfer-encoding': 'chunked' });
      response.write('hello');
      response.addTrailers({ 'x-sum': '5', 'set-cookie': 'a=1' });
      response.end();
    });
    routeFor(upstream);
    const ask = (lines: string) =>
      rawExchange(rig, `GET /app/ HTTP/1.1\r\nHost: localhost\r\n${lines}Connection: close\r\n\r\n`);
    const wanted = await ask('TE: trailers\r\n');
    expect(wanted.text).toMatch(/\r\n0\r\nx-sum: 5\r\n\r\n$/);
    expect((await ask('')).text).not.toContain('x-sum: 5');
  });

  it('lets nothing into an answer under way, whatever the client sends meanwhile', async () => {
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(200, { 'content-length': '10000' });
      response.write('begun');
    });
    routeHttp(rig, httpRoute([upstream.port]));
    const socket = await rawSocket(rig);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write('POST /app/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n');
    while (!text.includes('begun')) await new Promise((resolve) => setTimeout(resolve, 10));
    socket.write('no length\r\n');
    await closed;
    expect(text).toMatch(/begun$/);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('gives one who holds many requests open no more, and others theirs', async () => {
    const { promise, resolve: open } = Promise.withResolvers<void>();
    await using upstream = await HttpUpstreamFixture.start(async (_request, response) => {
      await promise;
      response.end('hello');
    });
    routeHttp(rig, httpRoute([upstream.port], { signIn: 'required', limits: { requestsPerPlayer: 3 } }));
    const [greedy, modest] = [await rig.register('greedy'), await rig.register('modest')];
    const as = ({ access_token }: typeof greedy) => ({
      headers: { authorization: `Bearer ${access_token}` },
    });
    // One behind the other on one connection, which the bound on connections does not see.
    const held = await rawSocket(rig);
    let text = '';
    held.on('data', (chunk) => {
      text += chunk;
    });
    held.write(
      `GET /app/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${greedy.access_token}\r\n\r\n`.repeat(3),
    );
    while (upstream.connections < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    const refused = await rig.request('/app/x', as(greedy));
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([
      429,
      { code: 'rate_limited', rule: 'requests.player' },
    ]);
    const other = rig.request('/app/x', as(modest));
    open();
    expect((await other).status).toBe(200);
    while (text.split('hello').length < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await rig.request('/app/x', as(greedy))).status).toBe(200);
    held.destroy();
  });

  it('stops asking when the client has gone', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      ask();
      response.on('close', leave);
    });
    routeFor(upstream);
    const socket = await rawSocket(rig);
    socket.write('GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await asked;
    socket.destroy();
    await gone;
  });
});
