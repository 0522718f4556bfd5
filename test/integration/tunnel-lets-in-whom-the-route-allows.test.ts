import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { closings } from '../../src/protocol/closings.ts';
import { tunnelSubprotocol } from '../../src/protocol/tunnel.ts';
import { Filters } from '../../src/proxy/policy/filters/filters.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelRig, tcpRoute } from '../support/tunnel-rig.ts';

let upstream: TcpUpstream;
let rig: TunnelRig;
const tokens = new Map<string, string>();

beforeAll(async () => {
  upstream = await TcpUpstream.echo();
  const upstreams = [upstream];
  rig = await TunnelRig.start({
    upstreams,
    rig: {
      proxy: {
        tunnels: {
          operators: ['olga'],
          routes: [
            tcpRoute({ upstreams, limits: { tunnelsPerPlayer: 2, tunnels: 3 } }),
            tcpRoute({ upstreams, route: { name: 'staff', allow: 'operators' } }),
            tcpRoute({ upstreams, route: { name: 'club', allow: ['ada'] } }),
            tcpRoute({ upstreams, route: { name: 'fair', allow: 'players-and-guests' } }),
          ],
        },
      },
    },
  });
  for (const name of ['ada', 'grace', 'olga']) {
    tokens.set(name, (await rig.proxy.register(name)).access_token);
  }
  const guest = await rig.proxy.request('/auth/guest', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  tokens.set('a guest', JSON.parse(guest.body).access_token);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream.close();
});

/** What becomes of a tunnel: `open`, or the name of the closing. */
async function outcome(name: string, route: string): Promise<string> {
  const client = rig.tunnel(tokens.get(name), route);
  const ready = client.ready().then(
    () => 'open',
    () => 'closed',
  );
  const how = await Promise.race([ready, client.closed.then(({ reason }) => reason)]);
  client.close();
  return how === 'closed' ? (await client.closed).reason : how;
}

const ask = async (route: string, name?: string) =>
  await rig.proxy.request(`/tunnel/${route}`, {
    headers: name === undefined ? {} : { authorization: `Bearer ${tokens.get(name)}` },
  });

describe('a route lets in whom its settings allow', () => {
  it.each([
    ['ada', 'board', 'open'],
    ['grace', 'club', 'route_refused'],
    ['ada', 'club', 'open'],
    ['ada', 'staff', 'route_refused'],
    ['olga', 'staff', 'open'],
    ['a guest', 'board', 'route_refused'],
    ['a guest', 'club', 'route_refused'],
    ['a guest', 'staff', 'route_refused'],
    ['a guest', 'fair', 'open'],
    ['ada', 'fair', 'open'],
  ])('%s on %s: %s', async (name, route, how) => {
    const before = upstream.connections.length;
    expect(await outcome(name, route)).toBe(how);
    // Who is refused costs the upstream nothing.
    if (how !== 'open') expect(upstream.connections.length).toBe(before);
  });

  it('says so without opening anything, to whoever asks first', async () => {
    const before = upstream.connections.length;
    expect(await ask('club', 'ada')).toMatchObject({ status: 200 });
    expect(JSON.parse((await ask('club', 'ada')).body)).toEqual({
      route: 'club',
      subprotocol: 'castling.tunnel.v1',
      available: true,
      idleMs: 60_000,
      totalMs: 600_000,
    });
    const statuses = [await ask('club', 'grace'), await ask('nowhere', 'ada'), await ask('club')];
    expect(statuses.map(({ status, body }) => [status, JSON.parse(body).code])).toEqual([
      [403, 'route_refused'],
      [404, 'not_found'],
      [401, 'token_missing'],
    ]);
    expect((await ask('club')).headers['www-authenticate']).toBe('Bearer realm="castling"');
    const bad = await rig.proxy.request('/tunnel/club', { headers: { authorization: 'Bearer eyJ.a.b' } });
    expect(bad).toMatchObject({ status: 401 });
    expect(upstream.connections.length).toBe(before);
  });

  it('answers 404 to an upgrade on a route that there is not, and 403 to a foreign page', async () => {
    await expect(rig.tunnel(tokens.get('ada'), 'nowhere').opened).rejects.toThrow('404');
    await expect(rig.tunnel(tokens.get('ada'), '').opened).rejects.toThrow('404');
    const { url, ca } = rig.proxy;
    const { TunnelClient } = await import('../support/tunnel-client.ts');
    const foreign = new TunnelClient({
      url,
      ca,
      route: 'board',
      token: tokens.get('ada')!,
      webSocket: { origin: 'https://evil.example' },
    });
    await expect(foreign.opened).rejects.toThrow('403');
  });

  it('lets nobody in without a token, nor with a bad one', async () => {
    expect((await rig.tunnel(undefined).closed).code).toBe(4502);
    expect((await rig.tunnel('eyJ.no.token').closed).code).toBe(4503);
  });

  it('counts the tunnels of each player and of the route', async () => {
    const open = async (name: string) => {
      const client = rig.tunnel(tokens.get(name));
      await client.ready();
      return client;
    };
    const mine = [await open('ada'), await open('ada')];
    expect(await outcome('ada', 'board')).toBe('player_full');
    const others = await open('grace');
    expect(await outcome('grace', 'board')).toBe('route_full');
    for (const client of [...mine, others]) client.close();
    await Promise.all([...mine, others].map(({ closed }) => closed));
    await rig.ended(3);
    for (;;) if ((await outcome('grace', 'board')) === 'open') break;
  });

  it('asks filters about those that come, and about those that are there when the filters change', async () => {
    const there = rig.tunnel(tokens.get('ada'));
    const other = rig.tunnel(tokens.get('olga'), 'staff');
    await Promise.all([there.ready(), other.ready()]);
    const rule = { id: 'no-board', action: 'deny', routes: ['board'], addresses: ['127.0.0.0/8'] } as const;
    rig.proxy.proxy.filter(new Filters([rule]));
    expect((await there.closed).code).toBe(closings.filtered.code);
    expect(there.heard.at(-1)).toMatchObject({ method: 'session.closing', params: { rule: 'no-board' } });
    expect((await rig.tunnel(tokens.get('ada')).closed).code).toBe(closings.filtered.code);
    other.send('still here');
    await other.until(() => other.bytes.toString() === 'still here');
    other.close();
    rig.proxy.proxy.filter(new Filters([]));
    expect(await outcome('grace', 'board')).toBe('open');
  });

  it.each([
    '/tunnel/board/',
    '/tunnel//board',
    '/tunnel/BOARD',
    '/tunnel/%62oard',
    '/tunnel/./board',
    '/x/../tunnel/board',
    '/tunnel/__proto__',
    '/tunnel/board%00',
    '/tunnel/board?access_token=x',
  ])('opens nothing at %s', async (path) => {
    const before = upstream.connections.length;
    const { url, ca } = rig.proxy;
    const headers = { authorization: `Bearer ${tokens.get('ada')}` };
    const webSocket = new WebSocket(`${url.replace('https:', 'wss:')}/`, tunnelSubprotocol, {
      ca,
      headers,
      finishRequest: (request) => {
        // As it is written: the client's library would tidy it up.
        Object.assign(request, { path });
        request.end();
      },
    });
    const [error] = (await once(webSocket, 'error')) as [Error];
    expect(error.message).toMatch(/Unexpected server response: 4\d\d/);
    expect(upstream.connections.length).toBe(before);
  });

  it('speaks no other subprotocol than its own', async () => {
    const before = upstream.connections.length;
    const address = `${rig.proxy.url.replace('https:', 'wss:')}/tunnel/board`;
    const headers = { authorization: `Bearer ${tokens.get('ada')}` };
    const silent = new WebSocket(address, { ca: rig.proxy.ca, headers });
    expect((await once(silent, 'close'))[0]).toBe(closings.subprotocol_missing.code);
    const other = new WebSocket(address, ['castling.v1'], { ca: rig.proxy.ca, headers });
    expect((await once(other, 'error'))[0].message).toBe('Server sent no subprotocol');
    expect(upstream.connections.length).toBe(before);
  });

  it('puts out who may no longer use it, and lets in who now may, when the settings change', async () => {
    const ada = rig.tunnel(tokens.get('ada'), 'club');
    await ada.ready();
    rig.proxy.proxy.routeTunnels({
      operators: [],
      routes: [tcpRoute({ upstreams: [upstream], route: { name: 'club', allow: ['grace'] } })],
    });
    expect((await ada.closed).reason).toBe('route_refused');
    expect(await outcome('grace', 'club')).toBe('open');
    await expect(rig.tunnel(tokens.get('ada'), 'board').opened).rejects.toThrow('404');
  });
});
