import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let upstream: HttpUpstreamFixture;
let rig: ProxyRig;
beforeAll(async () => {
  upstream = await HttpUpstreamFixture.start();
  rig = await ProxyRig.start({ backend: false });
  routeHttp(rig, httpRoute([upstream.port]));
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const end = /hello|\}$/;

function requestWith(...lines: string[]): string {
  return `GET /app/x HTTP/1.1\r\n${['Host: localhost', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
}

describe('B4 an upstream behind an http route', () => {
  it('sees the fields on the list and those that the proxy makes, byte for byte', async () => {
    const { text } = await rawExchange(
      rig,
      requestWith(
        ...[
          'Accept: text/html',
          'X-Forwarded-For: 10.0.0.1',
          'X-Forwarded-Proto: http',
          'Forwarded: for=10.0.0.1',
        ],
        ...[
          'X-Castling-Player: grace',
          'x_castling_player: grace',
          'Castling-Assertion: forged',
          'X-Real-IP: 10.0.0.1',
        ],
        ...[
          'User-Agent: canary-browser',
          'Via: 1.0 canary',
          'TE: trailers',
          'Cookie: __Host-castling=crt_canary',
        ],
      ),
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.last.rawHeaders).toEqual([
      ...['host', `127.0.0.1:${upstream.port}`, 'connection', 'keep-alive', 'accept', 'text/html'],
      ...['via', '1.1 castling', 'forwarded', 'for=unknown;proto=https'],
      ...['x-forwarded-proto', 'https', 'x-forwarded-prefix', '/app'],
    ]);
  });

  it('sees no field that Connection names, and all that the proxy makes', async () => {
    const named = 'Connection: close, Accept, Forwarded, X-Forwarded-Proto';
    await rawExchange(rig, `GET /app/x HTTP/1.1\r\nHost: localhost\r\nAccept: a/b\r\n${named}\r\n\r\n`);
    expect(upstream.last.headers).toMatchObject({ forwarded: 'for=unknown;proto=https' });
    expect(upstream.last.headers.accept).toBeUndefined();
  });

  it.each([
    ['two Host', 'Host: evil.example'],
    ['two Authorization', 'Authorization: Bearer a\r\nAuthorization: Bearer b'],
    ['two Cookie', 'Cookie: a=1\r\nCookie: b=2'],
    ['a Host with a path in it', 'X: y\r\nHost: a/b'],
  ])('is not asked at all when a request has %s', async (_what, lines) => {
    const before = upstream.seen.length;
    const { text, isClosed } = await rawExchange(rig, requestWith(lines));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(isClosed).toBe(true);
    expect(upstream.seen).toHaveLength(before);
  });

  it('is asked for the host of the settings, whatever the request says', async () => {
    await rawExchange(rig, 'GET /app/x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(upstream.last.headers.host).toBe(`127.0.0.1:${upstream.port}`);
    expect(JSON.stringify(upstream.last)).not.toContain('evil');
  });

  it('is told nothing by fields after the body', async () => {
    const body = '3\r\nabc\r\n0\r\nX-Castling-Player: grace\r\nForwarded: for=evil\r\n\r\n';
    const { text } = await rawExchange(
      rig,
      `POST /app/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTrailer: X-Castling-Player\r\n\r\n${body}`,
      { until: end },
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.last).toMatchObject({ method: 'POST', body: 'abc' });
    expect(JSON.stringify(upstream.last)).not.toMatch(/grace|evil/);
  });
});

describe('B5 the path of a request', () => {
  it.each([
    ...[
      '/app/..%2fmetrics',
      '/app/%2e%2e/metrics',
      '/app/..;/metrics',
      '/app/\\..\\',
      '/app/%00',
      '/app/%c0%af',
    ],
    ...[
      '/app//evil.example/x',
      '//evil.example/app/',
      'https://evil.example/app/',
      `/app/${'x'.repeat(8_192)}`,
    ],
  ])('%s is refused before anybody is asked', async (path) => {
    const before = upstream.seen.length;
    const { text } = await rawExchange(
      rig,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 (400|414) /);
    expect(upstream.seen).toHaveLength(before);
  });

  it.each([
    ['/app;x/', 404],
    ['/App/', 404],
    ['/%61pp/', 404],
  ])('%s is not the route’s', async (path, status) => {
    const before = upstream.seen.length;
    expect((await rig.request(path)).status).toBe(status);
    expect(upstream.seen).toHaveLength(before);
  });

  it('goes on as it came', async () => {
    await rig.request('/app/a%20b;v=1/c?x=%2e%2e/&y=a+b');
    expect(upstream.last.url).toBe('/a%20b;v=1/c?x=%2e%2e/&y=a+b');
  });
});
