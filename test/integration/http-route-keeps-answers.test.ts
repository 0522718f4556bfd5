import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { httpRoute, memoryCache, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawSocket } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let upstream: HttpUpstreamFixture;
let rig: ProxyRig;
let count = 0;
/** What the upstream waits for before it answers. */
let gate: Promise<void> = Promise.resolve();
beforeAll(async () => {
  upstream = await HttpUpstreamFixture.start(async ({ url = '' }, response) => {
    count += 1;
    const body = `answer ${count}`;
    await gate;
    const control = new URL(url, 'http://x').searchParams.get('control') ?? 'max-age=600';
    const fields = { 'cache-control': control, etag: `"${count}"` };
    response.writeHead(200, { ...fields, location: '/there', 'set-cookie': [] }).end(body);
  });
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});
beforeEach(() => {
  count = 0;
  gate = Promise.resolve();
  routeHttp(rig);
  routeHttp(rig, httpRoute([upstream.port], { cache: memoryCache }));
});

describe('an http route with a cache', () => {
  it('asks once for what many want at the same time, and writes each answer as its own', async () => {
    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    const all = Array.from({ length: 20 }, () => rig.request('/app/x'));
    while (count === 0) await new Promise((next) => setTimeout(next, 10));
    open();
    const answers = await Promise.all(all);
    expect(answers.map(({ body }) => body)).toEqual(Array(20).fill('answer 1'));
    expect(count).toBe(1);
    const hit = await rig.request('/app/x');
    expect(hit.headers).toMatchObject({
      'cache-status': expect.stringMatching(/^castling; hit; ttl=\d+$/),
      age: expect.stringMatching(/^\d+$/),
      location: '/app/there',
      'content-length': '8',
    });
    const metrics = await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/castling_http_cache_requests_total\{route="app",result="miss"\} \d+/);
    expect(metrics).toMatch(/castling_http_cache_requests_total\{route="app",result="collapsed"\} \d+/);
    expect(metrics).toMatch(/castling_http_cache_responses\{route="app"\} 1/);
  });

  it('answers conditions, parts and HEAD itself', async () => {
    await rig.request('/app/x');
    const ask = (headers: Record<string, string>, method = 'GET') =>
      rig.request('/app/x', { headers, method });
    expect((await ask({ 'if-none-match': '"1"' })).status).toBe(304);
    expect(await ask({ range: 'bytes=7-' })).toMatchObject({ status: 206, body: '1' });
    expect(await ask({ range: 'bytes=99-' })).toMatchObject({ status: 416, body: '' });
    const head = await ask({}, 'HEAD');
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '8']);
    expect(count).toBe(1);
  });

  it('gives no player another one’s answer, and everybody what is public', async () => {
    routeHttp(rig, httpRoute([upstream.port], { cache: memoryCache, signIn: 'required' }));
    const [ada, grace] = await Promise.all(['ada', 'grace'].map((name) => rig.register(name)));
    const ask = async (account: typeof ada, path: string) =>
      (await rig.request(path, { headers: { authorization: `Bearer ${account?.access_token}` } })).body;
    expect(await ask(ada, '/app/x')).toBe('answer 1');
    expect(await ask(grace, '/app/x')).toBe('answer 2');
    expect(await ask(ada, '/app/x')).toBe('answer 1');
    expect(await ask(ada, '/app/x?control=public,max-age=600')).toBe('answer 3');
    expect(await ask(grace, '/app/x?control=public,max-age=600')).toBe('answer 3');
    expect((await rig.request('/app/x?control=public,max-age=600')).status).toBe(401);
  });

  it('forgets what an unsafe request may have changed, and what is purged', async () => {
    await rig.request('/app/x');
    await rig.request('/app/there');
    await rig.request('/app/x', { method: 'POST' });
    expect((await rig.request('/app/x')).body).toBe('answer 4');
    expect((await rig.request('/app/there')).body).toBe('answer 5');
    expect(rig.proxy.httpRoutes.purge('app', '/x')).toBe(1);
    expect((await rig.request('/app/x')).body).toBe('answer 6');
    expect((await rig.request('/app/there')).body).toBe('answer 5');
  });

  it('keeps an answer whose client has left', async () => {
    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    const socket = await rawSocket(rig);
    socket.write('GET /app/x HTTP/1.1\r\nHost: localhost\r\n\r\n');
    while (count === 0) await new Promise((next) => setTimeout(next, 10));
    const waiting = rig.request('/app/x');
    await new Promise((next) => setTimeout(next, 100));
    socket.destroy();
    open();
    expect((await waiting).body).toBe('answer 1');
    expect(count).toBe(1);
  });

  it('says what it did with every answer, those of its own included', async () => {
    const statusOf = async (options: Parameters<typeof rig.request>[1] = {}, path = '/app/x') =>
      (await rig.request(path, options)).headers['cache-status'];
    expect(await statusOf()).toBe('castling; fwd=uri-miss; fwd-status=200; stored');
    expect(await statusOf()).toMatch(/^castling; hit; ttl=\d+$/);
    expect(await statusOf({ method: 'POST' })).toBe('castling; fwd=method; fwd-status=200');
    expect(await statusOf({ headers: { 'cache-control': 'only-if-cached' } })).toBe('castling');
    const [dead = 0] = await freePorts(1);
    routeHttp(rig, httpRoute([dead], { cache: memoryCache }));
    expect(await statusOf()).toBe('castling; fwd=uri-miss');
    expect(await statusOf({ method: 'POST' })).toBe('castling; fwd=method');
  });

  it('takes fields that the operator lets through for what an answer varies by, said or not', async () => {
    const theming = await HttpUpstreamFixture.start(({ headers }, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=600' }).end(`theme ${headers['x-theme']}`);
    });
    await using _ = theming;
    routeHttp(rig, httpRoute([theming.port], { cache: memoryCache, requestFields: ['x-theme'] }));
    const ask = async (theme: string) =>
      (await rig.request('/app/x', { headers: { 'x-theme': theme } })).body;
    expect(await ask('<script>')).toBe('theme <script>');
    expect(await ask('dark')).toBe('theme dark');
    expect((await rig.request('/app/x')).body).toBe('theme undefined');
    expect(await ask('dark')).toBe('theme dark');
    expect(theming.seen).toHaveLength(3);
  });

  it('keeps no answer of a player’s cookie for others where nobody signs in', async () => {
    const greeting = await HttpUpstreamFixture.start(({ headers, url }, response) => {
      const set = url === '/login' ? { 'set-cookie': 'sid=1' } : {};
      response.writeHead(200, { 'cache-control': 'max-age=600', ...set }).end(`hello ${headers.cookie}`);
    });
    await using _ = greeting;
    routeHttp(rig, httpRoute([greeting.port], { cache: memoryCache }));
    const ask = async (cookie?: string, path = '/app/x') =>
      (await rig.request(path, { headers: cookie === undefined ? {} : { cookie } })).body;
    expect(await ask('sid=ada')).toBe('hello sid=ada');
    expect(await ask('sid=grace')).toBe('hello sid=grace');
    expect(await ask()).toBe('hello undefined');
    const logins = [await rig.request('/app/login'), await rig.request('/app/login')];
    expect(logins.map(({ headers }) => headers['cache-status'])).toEqual(
      Array(2).fill('castling; fwd=uri-miss; fwd-status=200'),
    );
  });

  it('uses a stale answer in place of none, and says so', async () => {
    const dying = await HttpUpstreamFixture.start((_request, response) => {
      response.writeHead(200, { 'cache-control': 'max-age=0, stale-if-error=600', etag: '"1"' }).end('kept');
    });
    routeHttp(rig, httpRoute([dying.port], { cache: memoryCache }));
    await rig.request('/app/x');
    await dying[Symbol.asyncDispose]();
    const answer = await rig.request('/app/x');
    expect([answer.status, answer.body]).toEqual([200, 'kept']);
    expect(answer.headers['cache-status']).toMatch(/^castling; fwd=stale; ttl=.*; detail=stale-if-error$/);
  });
});
