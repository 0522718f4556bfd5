import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeSettings } from '../../src/proxy/balancing/probes/make-probe.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { answering, HttpUpstreamFixture } from '../support/http-upstream.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const probe = { everyMs: 50, timeoutMs: 2_000, rise: 1, fall: 2, kind: 'http', path: '/health' } as const;
const health: ProbeSettings = { ...probe, status: 200 };

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** The bodies of so many answers, and the statuses of those that were none. */
async function ask(times: number): Promise<Set<string>> {
  const heard = new Set<string>();
  for (let count = 0; count < times; count += 1) {
    const { status, body } = await rig.request('/app/x');
    heard.add(status === 200 ? body : String(status));
  }
  return heard;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const report = () => [...rig.proxy.httpRoutes.controlled()].flatMap(({ upstreams }) => [...upstreams]);

describe('an http route', () => {
  it('leaves a drained upstream alone, says when none is left, and goes back to it', async () => {
    await using one = await HttpUpstreamFixture.start(answering(200, {}, 'one'));
    await using two = await HttpUpstreamFixture.start(answering(200, {}, 'two'));
    routeHttp(rig, httpRoute([one.port, two.port]));
    const [first, second] = [one, two].map(({ port }) => ({ route: 'app', upstream: `127.0.0.1:${port}` }));
    if (first === undefined || second === undefined) throw new Error('there are two');
    expect(await ask(6)).toEqual(new Set(['one', 'two']));
    rig.proxy.drainUpstreams([first]);
    expect(await ask(6)).toEqual(new Set(['two']));
    rig.proxy.drainUpstreams([first, second]);
    const none = await rig.request('/app/x');
    expect([none.status, JSON.parse(none.body).code]).toEqual([503, 'upstream_unavailable']);
    expect(Number(none.headers['retry-after'])).toBeGreaterThan(0);
    const metrics = await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/castling_balancing_none_available_seconds_count\{route="app"\} 1/);
    rig.proxy.drainUpstreams([]);
    expect(await ask(6)).toEqual(new Set(['one', 'two']));
  });

  it('leaves an upstream alone that does not say that it is well, though it answers', async () => {
    let isWell = false;
    await using ailing = await HttpUpstreamFixture.start(({ url }, response) => {
      response.writeHead(url === '/health' && !isWell ? 500 : 200).end('ailing');
    });
    await using well = await HttpUpstreamFixture.start(answering(200, {}, 'well'));
    routeHttp(rig, httpRoute([ailing.port, well.port], { probe: health }));
    await until(async () => report().some((upstream) => upstream.probe === 'down'));
    expect(await ask(6)).toEqual(new Set(['well']));
    isWell = true;
    await until(async () => (await ask(2)).has('ailing'));
  });

  it('keeps each player with one upstream where that is wished for', async () => {
    const upstreams = await Promise.all(
      ['a', 'b', 'c'].map((name) => HttpUpstreamFixture.start(answering(200, {}, name))),
    );
    const balance = { ...httpRoute([]).balance, policy: 'rendezvous' } as const;
    const ports = upstreams.map(({ port }) => port);
    routeHttp(rig, httpRoute(ports, { balance, signIn: 'required' }));
    const homes = new Set<string>();
    for (let number = 0; number < 12; number += 1) {
      const { access_token } = await rig.register(`homely-${number}`);
      const headers = { authorization: `Bearer ${access_token}` };
      const heard = new Set<string>();
      for (let count = 0; count < 4; count += 1) heard.add((await rig.request('/app/', { headers })).body);
      expect(heard.size).toBe(1);
      for (const home of heard) homes.add(home);
    }
    expect(homes.size).toBeGreaterThan(1);
    for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
  });
});

describe('an upstream that speaks TLS', () => {
  const start = async () => {
    const { certificates } = rig;
    const server = createServer(
      {
        cert: readFileSync(certificates.path('upstream.pem')),
        key: readFileSync(certificates.path('upstream-key.pem')),
      },
      ({ headers, url }, response) => {
        // One of several that the server has by name.
        response.writeHead(headers.host === 'games.example' ? 200 : 421).end(`${headers.host} ${url}`);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return {
      port: (server.address() as AddressInfo).port,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  };
  beforeAll(() => {
    rig.certificates.issue({ name: 'upstream', issuer: 'ca', usage: 'serverAuth', dns: 'games.example' });
  });

  it('is checked by its certificate for the name that it is asked for, by probes as well', async () => {
    await using upstream = await start();
    routeHttp(
      rig,
      httpRoute([upstream.port], { tls: { ca: rig.ca }, hostField: 'games.example', probe: health }),
    );
    expect(await ask(2)).toEqual(new Set(['games.example /x']));
    await until(async () => report().every((each) => each.probe === 'up'));
    expect(await ask(2)).toEqual(new Set(['games.example /x']));
  });

  it('is not believed when its certificate is another’s, or nobody’s', async () => {
    await using upstream = await start();
    for (const changes of [
      { tls: { ca: rig.ca }, hostField: 'other.example' },
      { tls: {}, hostField: 'games.example' },
    ]) {
      routeHttp(rig, httpRoute([upstream.port], changes));
      expect(await ask(1)).toEqual(new Set(['502']));
    }
  });
});
