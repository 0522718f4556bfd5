import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ControlAnswer, ControlRoutes } from '../../src/process/control/index.ts';
import { createLogger } from '../../src/process/logger.ts';
import { breakerDefaults } from '../../src/proxy/balancing/circuit-breaker.ts';
import type { UpstreamReport } from '../../src/proxy/routes/route-control.ts';
import { freePorts } from '../support/free-ports.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelRig, type TunnelRigOptions, tcpRoute } from '../support/tunnel-rig.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const control = new ControlRoutes({ from: 'test', logger });
const upstreams: TcpUpstream[] = [];
let rig: TunnelRig;
let token: string;
let routes = 0;

beforeAll(async () => {
  rig = await TunnelRig.start({ upstreams: [], rig: { proxy: { control } } });
  token = (await rig.proxy.register('ada')).access_token;
});
afterEach(async () => {
  for (const upstream of upstreams.splice(0)) await upstream.close();
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** One more route, in place of all others, and how a test reaches it. */
function open(options: Pick<TunnelRigOptions, 'upstreams' | 'route' | 'limits'>) {
  routes += 1;
  const name = `route-${routes}`;
  const { route, ...rest } = options;
  rig.proxy.proxy.routeTunnels({
    operators: [],
    routes: [tcpRoute({ ...rest, route: { ...route, name } })],
  });
  return { name, tunnel: () => rig.tunnel(token, name) };
}

async function ask(question: string, body?: object): Promise<ControlAnswer> {
  const signal = new AbortController().signal;
  for await (const answer of control.find(question)?.({ query: {}, body, signal }) ?? []) return answer;
  throw new Error(`Nobody answers ${question}.`);
}
async function list(): Promise<UpstreamReport[]> {
  const answer = await ask('GET /routes');
  return 'value' in answer ? (answer.value as UpstreamReport[]) : [];
}
/** Waits until the operator sees it so. */
async function until(holds: (report: UpstreamReport) => boolean): Promise<void> {
  while (!(await list()).some(holds)) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function echo(): Promise<TcpUpstream> {
  const upstream = await TcpUpstream.echo();
  upstreams.push(upstream);
  return upstream;
}

const nobody = async () => (await freePorts(1)).map((port) => ({ port }))[0]!;

describe('a tunnel', () => {
  it('goes to the next upstream when one cannot be reached, and the player notices nothing', async () => {
    const there = await echo();
    const { name, tunnel } = open({
      upstreams: [await nobody(), there],
      route: {
        balance: {
          policy: 'round-robin',
          slowStartMs: 0,
          breaker: { ...breakerDefaults, failures: 2, openMs: 60_000 },
        },
      },
    });
    for (let number = 1; number <= 4; number += 1) {
      const client = tunnel();
      client.send(`move ${number}`);
      await client.until(() => client.bytes.toString() === `move ${number}`);
      client.close();
      await until(({ connections }) => connections === 0);
    }
    expect(there.connections.length).toBe(4);
    // After two failures the breaker keeps tunnels from trying there.
    const [away] = await list();
    expect(away).toMatchObject({ available: false, breaker: 'open', probe: 'unknown', connections: 0 });
    const metrics = await rig.metrics();
    const labels = `{route="${name}",upstream="${away?.upstream}"`;
    expect(metrics).toContain(`castling_upstream_attempts_total${labels},outcome="failed"} 2`);
    expect(metrics).toContain(`castling_upstream_breaker_state${labels}} 2`);
  });

  it('is told when none can be reached: why, when to try again, and the log how long it took to know', async () => {
    const gone = await nobody();
    const { name, tunnel } = open({ upstreams: [gone, await nobody()] });
    const client = tunnel();
    expect((await client.closed).code).toBe(4100);
    expect(client.heard).toEqual([
      {
        jsonrpc: '2.0',
        method: 'session.closing',
        params: {
          code: 4100,
          reason: 'No program behind this route can be reached now.',
          reconnect: true,
          retryAfterMs: expect.any(Number),
        },
      },
    ]);
    const line = rig.proxy.log.split('\n').find((each) => each.includes('no upstream is available'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      route: name,
      because: { tried: 2 },
      failures: expect.objectContaining({ [`127.0.0.1:${gone.port}`]: 'ECONNREFUSED' }),
      tookMs: expect.any(Number),
    });
    const metrics = await rig.metrics();
    expect(metrics).toContain(`castling_balancing_none_available_total{route="${name}",why="tried"} 1`);
    expect(metrics).toContain(`castling_balancing_none_available_seconds_count{route="${name}"} 1`);
    expect(metrics).toContain(`castling_tunnel_ended_total{route="${name}",why="upstream_unavailable"} 1`);
  });

  it('does not go to an upstream that an operator drains; those that are there stay', async () => {
    const [one, other] = [await echo(), await echo()];
    const { name, tunnel } = open({ upstreams: [one, other] });
    const id = `127.0.0.1:${one.port}`;
    // All go to the one while the other is drained, and the other way round.
    expect(
      await ask('POST /routes/drain', { route: name, upstream: `127.0.0.1:${other.port}` }),
    ).toMatchObject({ value: { draining: true, available: false } });
    const stays = tunnel();
    await stays.ready();
    expect(one.connections.length).toBe(1);
    await ask('POST /routes/undrain', { route: name, upstream: `127.0.0.1:${other.port}` });
    await ask('POST /routes/drain', { route: name, upstream: id });
    for (let number = 0; number < 3; number += 1) await tunnel().ready();
    expect([one.connections.length, other.connections.length]).toEqual([1, 3]);
    stays.send('still here');
    await stays.until(() => stays.bytes.toString() === 'still here');
    expect((await list()).find(({ upstream }) => upstream === id)).toMatchObject({
      draining: true,
      connections: 1,
    });
    expect(await ask('POST /routes/drain', { route: name, upstream: 'x' })).toMatchObject({
      error: { code: 'usage', message: expect.stringContaining('There is no upstream x') },
    });
    expect(await ask('POST /routes/drain', { route: 'x', upstream: id })).toMatchObject({
      error: { message: expect.stringContaining(`there is ${name}`) },
    });
  });

  it('does not go to an upstream that is full', async () => {
    const one = await echo();
    const { tunnel } = open({
      upstreams: [one],
      route: { upstreams: [{ host: '127.0.0.1', port: one.port, weight: 1, maxConnections: 1 }] },
    });
    const first = tunnel();
    await first.ready();
    expect((await tunnel().closed).code).toBe(4100);
    first.close();
    await until(({ connections }) => connections === 0);
    await tunnel().ready();
  });

  it('is kept from an upstream that a probe finds down, and goes there again when it is up', async () => {
    const one = await echo();
    const { port } = one;
    const { tunnel } = open({
      upstreams: [one],
      route: { probe: { kind: 'tcp', everyMs: 20, timeoutMs: 1_000, rise: 2, fall: 2 } },
    });
    await until(({ probe }) => probe === 'up');
    await one.close();
    await until(({ probe }) => probe === 'down');
    expect((await tunnel().closed).code).toBe(4100);
    upstreams.push(await TcpUpstream.start((socket) => void socket.pipe(socket), port));
    await until(({ probe }) => probe === 'up');
    await tunnel().ready();
  });
});

describe('a tunnel that lasts too long', () => {
  it('is closed when nothing goes through it, and not while something does', async () => {
    const { tunnel } = open({ upstreams: [await echo()], limits: { idleMs: 400 } });
    const busy = tunnel();
    const idle = tunnel();
    await Promise.all([busy.ready(), idle.ready()]);
    const timer = setInterval(() => busy.send('.'), 50);
    expect((await idle.closed).code).toBe(4102);
    clearInterval(timer);
    expect(busy.bytes.length).toBeGreaterThan(1);
    expect((await busy.closed).code).toBe(4102);
  });

  it('is closed after its whole time, whatever goes through it', async () => {
    const { tunnel } = open({ upstreams: [await echo()], limits: { totalMs: 300 } });
    const client = tunnel();
    await client.ready();
    const timer = setInterval(() => client.send('.'), 20);
    expect((await client.closed).code).toBe(4103);
    clearInterval(timer);
  });

  it('is told to come back when the proxy is replaced', async () => {
    const { tunnel } = open({ upstreams: [await echo()] });
    const client = tunnel();
    await client.ready();
    await Promise.all([rig.proxy.drain(), client.closed]);
    expect((await client.closed).code).toBe(4000);
    expect(client.heard.at(-1).params.retryAfterMs).toBeGreaterThan(0);
  });
});
