import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange, rawSocket, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

type Changes = Parameters<typeof httpRoute>[1];

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

function routeFor({ port }: HttpUpstreamFixture, changes: Changes = {}): void {
  routeHttp(rig, httpRoute([port], changes));
}

/** An upstream that speaks WebSocket by a library of its own and answers each message with itself. */
async function echoing(): Promise<HttpUpstreamFixture> {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    handleProtocols: (offered) => (offered.has('moves.v2') ? 'moves.v2' : false),
  });
  server.on('connection', (socket) => {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  return await HttpUpstreamFixture.start(undefined, (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
  });
}

const clients: WebSocket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate();
});

function open({
  protocols = [],
  path = '/app/socket?x=1',
  ...options
}: {
  protocols?: string[];
  path?: string;
  headers?: Record<string, string>;
  origin?: string;
} = {}): WebSocket {
  const client = new WebSocket(`wss://localhost:${rig.port}${path}`, protocols, { ca: rig.ca, ...options });
  client.on('error', () => {});
  clients.push(client);
  return client;
}

function opened(client: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('open', resolve);
    client.once('error', reject);
  });
}

function closed(client: WebSocket): Promise<number> {
  return new Promise((resolve) => client.once('close', (code) => resolve(code)));
}

async function echo(client: WebSocket, message: string | Buffer): Promise<string> {
  const answer = new Promise<string>((resolve) => client.once('message', (data) => resolve(data.toString())));
  client.send(message);
  return await answer;
}

/** What the upstream answers a handshake with, by hand. */
function accept(socket: Duplex, key: string | undefined): void {
  const digest = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
  socket.write([...head, `Sec-WebSocket-Accept: ${digest}`, '', ''].join('\r\n'));
}

const plain = { 'Sec-WebSocket-Protocol': '' };
const line = 'GET /app/x HTTP/1.1';

describe('a WebSocket through an http route', () => {
  it('carries messages, a subprotocol and extensions between the two ends', async () => {
    await using upstream = await echoing();
    routeFor(upstream);
    const client = open({ protocols: ['other', 'moves.v2'], origin: `https://localhost:${rig.port}` });
    await opened(client);
    expect(client.protocol).toBe('moves.v2');
    expect(client.extensions).toContain('permessage-deflate');
    expect(await echo(client, 'e2e4')).toBe('e2e4');
    const large = 'x'.repeat(300_000);
    expect(await echo(client, large)).toBe(large);
    expect(upstream.last).toMatchObject({
      url: '/socket?x=1',
      headers: {
        origin: `https://localhost:${rig.port}`,
        forwarded: 'for=unknown;proto=https',
        host: `127.0.0.1:${upstream.port}`,
      },
    });
    client.close(4_321, 'bye');
    expect(await closed(client)).toBe(4_321);
  });

  it('gets what the upstream says in place of a switch', async () => {
    await using upstream = await HttpUpstreamFixture.start(undefined, (_request, socket) => {
      socket.end(
        'HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nServer: x\r\nContent-Length: 4\r\n\r\nfull',
      );
    });
    routeFor(upstream);
    const { text, isClosed } = await rawExchange(rig, upgradeText(plain, line));
    expect(text).toMatch(/^HTTP\/1\.1 409 Conflict\r\n/);
    expect(text).toMatch(/\r\n\r\nfull$/);
    expect(text).not.toMatch(/\r\nserver:/i);
    expect(isClosed).toBe(true);
  });

  it('waits so long for the upstream and no longer, however slowly it goes on', async () => {
    await using upstream = await HttpUpstreamFixture.start(undefined, (_request, socket) => {
      socket.write('HTTP/1.1 409 Conflict\r\nContent-Length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 50);
      socket.once('close', () => clearInterval(drip));
    });
    routeFor(upstream, { limits: { totalMs: 400 } });
    const { text, isClosed } = await rawExchange(rig, upgradeText(plain, line));
    expect(text).toMatch(/^HTTP\/1\.1 504 /);
    expect(isClosed).toBe(true);
  });

  it('gets an answer when the upstream cannot be reached', async () => {
    const upstream = await echoing();
    routeFor(upstream);
    await upstream[Symbol.asyncDispose]();
    expect((await rawExchange(rig, upgradeText(plain, line))).text).toMatch(/^HTTP\/1\.1 502 /);
  });

  it('B6 is not opened by a page of another origin', async () => {
    await using upstream = await echoing();
    routeFor(upstream, { origins: ['https://friend.example'] });
    for (const origin of [
      'https://evil.example',
      'null',
      `https://localhost.evil:${rig.port}`,
      'https://localhost',
    ]) {
      await expect(opened(open({ origin }))).rejects.toThrow(/403/);
    }
    expect(upstream.seen).toEqual([]);
    await opened(open({ origin: 'https://friend.example' }));
    await opened(open());
  });

  it('keeps one direction open when the other has ended', async () => {
    await using upstream = await HttpUpstreamFixture.start(undefined, (request, socket) => {
      accept(socket, request.headers['sec-websocket-key']);
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      // Speaks only when the client has nothing more to say.
      socket.on('end', () => socket.end(`you said ${heard}`));
    });
    routeFor(upstream);
    const socket = await rawSocket(rig);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.write(`${upgradeText(plain, line)}early `);
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.end('late');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 101 [\s\S]*you said early late$/);
  });

  it('holds up who sends more than the other end takes', async () => {
    let sent = 0;
    await using upstream = await HttpUpstreamFixture.start(undefined, (request, socket) => {
      accept(socket, request.headers['sec-websocket-key']);
      const more = (): void => {
        while (!socket.destroyed && sent < 64 * 1024 * 1024) {
          sent += 65_536;
          if (!socket.write(Buffer.alloc(65_536))) {
            socket.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    routeFor(upstream);
    const socket = await rawSocket(rig);
    socket.pause();
    socket.write(upgradeText(plain, line));
    let before = -1;
    while (before !== sent || sent === 0) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(sent).toBeLessThan(24 * 1024 * 1024);
    socket.destroy();
  });

  it('ends when nothing has gone through it for so long, and after so long in any case', async () => {
    await using upstream = await echoing();
    routeFor(upstream, { limits: { webSocketIdleMs: 300 } });
    const quiet = open();
    await opened(quiet);
    expect(await closed(quiet)).toBe(1_006);
    routeFor(upstream, { limits: { webSocketTotalMs: 600 } });
    const busy = open();
    await opened(busy);
    const talking = setInterval(() => busy.readyState === WebSocket.OPEN && busy.send('x'), 50);
    expect(await closed(busy)).toBe(1_006);
    clearInterval(talking);
  });

  it('is one of so many, for a route and for a player', async () => {
    await using upstream = await echoing();
    routeFor(upstream, {
      signIn: 'required',
      limits: { webSockets: 3, webSocketsPerPlayer: 2 },
    });
    const ada = await rig.register('ada');
    const grace = await rig.register('grace');
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    await expect(opened(open())).rejects.toThrow(/401/);
    await opened(open(as(ada.access_token)));
    const second = open(as(ada.access_token));
    await opened(second);
    await expect(opened(open(as(ada.access_token)))).rejects.toThrow(/429/);
    await opened(open(as(grace.access_token)));
    await expect(opened(open(as(grace.access_token)))).rejects.toThrow(/503/);
    second.terminate();
    await closed(second);
    // The place is free once the proxy has seen the end.
    for (;;) {
      const again = open(as(grace.access_token));
      if (
        await opened(again).then(
          () => true,
          () => false,
        )
      )
        break;
    }
    const metrics = await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`);
    expect(await metrics.text()).toMatch(/castling_http_route_websockets\{route="app"\} 3/);
  });

  it('B8 ends within a second of its session, and no other does', async () => {
    await using upstream = await echoing();
    routeFor(upstream, { signIn: 'required' });
    const ada = await rig.register('vera');
    const grace = await rig.register('noor');
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const hers = open(as(ada.access_token));
    const other = open(as(grace.access_token));
    await Promise.all([opened(hers), opened(other)]);
    // The route is another one now; what was under way is governed all the same.
    routeFor(upstream, { signIn: 'required', tellsName: true });
    const end = closed(hers);
    const startedAt = performance.now();
    await rig.request('/auth/logout', { method: 'POST', ...as(ada.access_token) });
    expect(await end).toBe(1_006);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await expect(opened(open(as(ada.access_token)))).rejects.toThrow(/401/);
    expect(await echo(other, 'still here')).toBe('still here');
  });

  it('ends when its player may not come in any more, or filters that refuse it count, and no other does', async () => {
    await using upstream = await echoing();
    const [ivy, joan] = [await rig.register('ivy'), await rig.register('joan')];
    const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
    const allowing = (...allow: string[]) =>
      routeHttp(
        rig,
        httpRoute([upstream.port], { signIn: 'required', allow }),
        httpRoute([upstream.port], { name: 'other', place: { kind: 'path', path: '/other/' } }),
      );
    allowing('ivy', 'joan');
    const [hers, stays] = [open(as(ivy.access_token)), open(as(joan.access_token))];
    await Promise.all([opened(hers), opened(stays)]);
    const end = closed(hers);
    allowing('joan');
    expect(await end).toBe(1_006);
    expect(await echo(stays, 'still here')).toBe('still here');
    rig.proxy.filter(new Filters([{ id: 'other', action: 'deny', routes: ['other'] }]));
    expect(await echo(stays, 'still here')).toBe('still here');
    const refused = closed(stays);
    rig.proxy.filter(new Filters([{ id: 'app', action: 'deny', routes: ['app'] }]));
    expect(await refused).toBe(1_006);
    rig.proxy.filter(new Filters([]));
  });

  it('ends when the proxy drains', async () => {
    await using upstream = await echoing();
    routeFor(upstream);
    const client = open();
    await opened(client);
    const end = closed(client);
    await rig.drain();
    expect(await end).toBe(1_006);
  });
});
