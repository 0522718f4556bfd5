import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { answering, HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange } from '../support/proxy-raw.ts';
import { type Answer, ProxyRig } from '../support/proxy-rig.ts';

type Changes = Parameters<typeof httpRoute>[1];

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

function routeFor(ports: readonly number[], changes: Changes = {}): void {
  routeHttp(rig, httpRoute(ports, changes));
}

function codeOf({ body, headers }: Answer): string {
  expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  return JSON.parse(body).code as string;
}

describe('when an upstream gives no answer, an http route', () => {
  it('says that it cannot be reached, and when to come back', async () => {
    const [port = 0] = await freePorts(1);
    routeFor([port]);
    const answer = await rig.request('/app/');
    expect([answer.status, codeOf(answer)]).toEqual([502, 'upstream_failed']);
    const breaker = {
      failures: 1,
      windowMs: 10_000,
      openMs: 60_000,
      longestOpenMs: 60_000,
      trials: 1,
      successes: 1,
    };
    routeFor([port], {
      balance: { policy: 'round-robin', slowStartMs: 0, breaker },
    });
    await rig.request('/app/');
    const refused = await rig.request('/app/');
    expect([refused.status, codeOf(refused)]).toEqual([503, 'upstream_unavailable']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('says that it took too long to begin', async () => {
    await using upstream = await HttpUpstreamFixture.start(() => {});
    routeFor([upstream.port], { limits: { firstByteMs: 200 } });
    const answer = await rig.request('/app/');
    expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_timeout']);
  });

  it('says that it took too long in all', async () => {
    await using upstream = await HttpUpstreamFixture.start(() => {});
    routeFor([upstream.port], { limits: { totalMs: 200 } });
    const answer = await rig.request('/app/');
    expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_timeout']);
  });

  it('cuts off an answer that stops half-way, so that it cannot be taken for a whole one', async () => {
    await using upstream = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write('half');
    });
    routeFor([upstream.port], { limits: { idleMs: 300 } });
    const { text, isClosed } = await rawExchange(rig, 'GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(text).toMatch(/4\r\nhalf\r\n$/);
    expect(isClosed).toBe(true);
  });

  it('passes on no answer that breaks the rules', async () => {
    for (const bytes of [
      'nonsense\r\n\r\n',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.1 600 Beyond\r\nContent-Length: 2\r\n\r\nhi',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17),
    ]) {
      await using upstream = await HttpUpstreamFixture.start((request) => void request.socket.end(bytes));
      routeFor([upstream.port]);
      const answer = await rig.request('/app/');
      expect([answer.status, codeOf(answer)], bytes.slice(0, 40)).toEqual([502, 'upstream_answer_refused']);
    }
  });

  it('takes what follows an answer on its connection for no answer', async () => {
    const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
    for (const [head, method] of [
      ['200 OK\r\nContent-Length: 2\r\n\r\nhi', 'GET'],
      ['204 No Content\r\nContent-Length: 46\r\n\r\n', 'GET'],
      ['304 Not Modified\r\nContent-Length: 46\r\n\r\n', 'GET'],
      ['200 OK\r\nContent-Length: 46\r\n\r\n', 'HEAD'],
    ]) {
      await using upstream = await HttpUpstreamFixture.start((request, response) => {
        if (request.url === '/first') request.socket.write(`HTTP/1.1 ${head}${poison}`);
        else response.end('its own');
      });
      routeFor([upstream.port]);
      // More than one connection's worth, so that some wait behind the first.
      const first = rig.request('/app/first', { method });
      const others = Array.from({ length: 20 }, () => rig.request('/app/next'));
      expect((await first).body).not.toContain('poison');
      for (const { body } of await Promise.all(others)) expect(body).toBe('its own');
      expect((await rig.request('/app/next')).body).toBe('its own');
    }
  });

  it('says no length of an answer that has no body', async () => {
    await using upstream = await HttpUpstreamFixture.start((request) => {
      request.socket.end('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello');
    });
    routeFor([upstream.port]);
    const { text } = await rawExchange(rig, 'GET /app/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 204 /);
    expect(text).not.toMatch(/content-length|hello/i);
  });

  it('passes on no body over the bound, announced or not', async () => {
    await using upstream = await HttpUpstreamFixture.start(answering(200, {}, 'x'.repeat(2_000)));
    routeFor([upstream.port], { limits: { responseBodyBytes: 1_000 } });
    const { text, isClosed } = await rawExchange(rig, 'GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(isClosed).toBe(true);
    expect(text.length).toBeLessThan(2_000);
  });

  it('takes no body over the bound', async () => {
    await using upstream = await HttpUpstreamFixture.start();
    routeFor([upstream.port], { limits: { requestBodyBytes: 1_000 } });
    const body = 'x'.repeat(1_001);
    expect((await rig.request('/app/', { method: 'POST', body })).status).toBe(413);
    const chunked = await rig.request('/app/', {
      method: 'POST',
      body,
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect([chunked.status, codeOf(chunked)]).toEqual([413, 'body_too_large']);
  });

  it.each(['TRACE', 'PROPFIND'])('knows no %s', async (method) => {
    await using upstream = await HttpUpstreamFixture.start();
    routeFor([upstream.port]);
    const answer = await rig.request('/app/', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
    expect(upstream.seen).toEqual([]);
  });
});

describe('an http route tries again', () => {
  it('whatever could not be connected to, once with the next upstream', async () => {
    const [dead = 0] = await freePorts(1);
    await using upstream = await HttpUpstreamFixture.start();
    routeFor([dead, upstream.port]);
    for (let count = 0; count < 4; count += 1) {
      const answer = await rig.request('/app/', { method: 'POST', body: `body ${count}` });
      expect(answer.status).toBe(200);
      expect(upstream.last.body).toBe(`body ${count}`);
    }
  });

  it.each(['POST', 'PUT', 'DELETE'])(
    'a GET whose connection broke before the answer, and never a %s',
    async (method) => {
      let broken = 0;
      await using breaking = await HttpUpstreamFixture.start((request) => {
        broken += 1;
        request.socket.destroy();
      });
      await using upstream = await HttpUpstreamFixture.start();
      routeFor([breaking.port, upstream.port]);
      const statuses: number[] = [];
      for (let count = 0; count < 4; count += 1) statuses.push((await rig.request('/app/')).status);
      expect(statuses).toEqual([200, 200, 200, 200]);
      expect(broken).toBeGreaterThan(0);
      const before = upstream.seen.length;
      const posted: number[] = [];
      for (let count = 0; count < 4; count += 1) {
        posted.push((await rig.request('/app/', { method })).status);
      }
      expect(posted.toSorted()).toEqual([200, 200, 502, 502]);
      expect(upstream.seen).toHaveLength(before + 2);
    },
  );

  it('nothing whose answer had begun', async () => {
    let asked = 0;
    const breaking = await HttpUpstreamFixture.start((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': '10' });
      response.write('hal');
      setTimeout(() => response.destroy(), 50);
    });
    await using first = breaking;
    await using second = await HttpUpstreamFixture.start((_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-length': '10' });
      response.write('hal');
      setTimeout(() => response.destroy(), 50);
    });
    routeFor([first.port, second.port]);
    const { text, isClosed } = await rawExchange(rig, 'GET /app/ HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(text).toMatch(/\r\n\r\nhal$/);
    expect(isClosed).toBe(true);
    expect(asked).toBe(1);
  });
});
