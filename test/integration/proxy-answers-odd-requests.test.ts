import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start();
});
afterAll(async () => await rig[Symbol.asyncDispose]());

function problemOf(text: string): { status: number; code: string; requestId: string } {
  return JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4));
}

describe('B3 upgrade smuggling', () => {
  it.each([
    ['h2c', upgradeText({ Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA' }), 400],
    ['websocket and h2c', upgradeText({ Upgrade: 'websocket, h2c' }), 400],
    ['POST with a body', `${upgradeText({ 'Content-Length': '4' }, 'POST /play HTTP/1.1')}abcd`, 405],
    ['GET with a body', `${upgradeText({ 'Content-Length': '4' })}abcd`, 400],
    ['version 8', upgradeText({ 'Sec-WebSocket-Version': '8' }), 426],
    ['another path', upgradeText({}, 'GET /admin HTTP/1.1'), 404],
    ['a foreign origin', upgradeText({ Origin: 'https://evil.example' }), 403],
  ])('%s is refused, and a request behind it is never answered', async (_what, text, status) => {
    const behind = 'GET /api/games HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const before = rig.log.split('/api/games').length;
    const answer = await rawExchange(rig, text + behind);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.isClosed).toBe(true);
    expect(rig.log.split('/api/games')).toHaveLength(before);
  });
});

describe('B19 methods and errors', () => {
  it.each([
    ['TRACE /api/games', 405],
    ['PUT /api/games', 405],
    ['DELETE /', 405],
    ['GET /auth/login', 405],
    ['PUT /nowhere', 404],
    ['GET /.git/config', 404],
    ['GET /package.json', 404],
    ['GET /metrics', 404],
    ['GET /ready', 404],
    ['CONNECT example.org:443', 501],
    ['BREW /api/games', 400],
  ])('%s gives %i, as a problem document and no more', async (line, status) => {
    const { text } = await rawExchange(
      rig,
      `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toMatch(/content-type: application\/problem\+json/i);
    expect(text).not.toMatch(/\r\n(server|x-powered-by):/i);
    expect(text).not.toMatch(/node|fastify|\.ts|\bat \//i);
    expect(problemOf(text)).toMatchObject({ status, requestId: expect.stringMatching(/^r_/) });
    expect(text).toMatch(/\r\nstrict-transport-security: max-age=63072000; includeSubDomains\r\n/i);
  });

  it.each([
    ['two Host fields', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', 400],
    [
      'two Authorization fields',
      'GET /auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n',
      400,
    ],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n', 505],
    ['an absolute address', 'GET https://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['a path that looks like a host', 'GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['17 KiB of header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['too many fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(100)}\r\n`, 431],
    [
      'a body that is too large',
      `POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20000\r\n\r\n`,
      413,
    ],
    ['plain nonsense', 'hello\r\n\r\n', 400],
  ])('%s is refused, and the connection ends', async (_what, text, status) => {
    const answer = await rawExchange(rig, text);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.isClosed).toBe(true);
  });

  it('HEAD and GET of the page carry the headers that browsers need', async () => {
    const page = await rig.request('/');
    expect(page).toMatchObject({
      status: 200,
      body: expect.stringContaining(`castling register YOUR-NAME --url https://localhost:${rig.port}`),
    });
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
    });
    expect((await rig.request('/', { method: 'HEAD' })).status).toBe(200);
    const forged = await rawExchange(
      rig,
      'GET / HTTP/1.1\r\nHost: a"><script>alert(1)</script>\r\nConnection: close\r\n\r\n',
    );
    expect(forged.text).not.toContain('<script>');
  });
});

describe('the operator’s window', () => {
  it('answers on loopback names only, and only what it has', async () => {
    const at = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${rig.adminPort}${path}`, init);
    expect(await (await at('/live')).json()).toEqual({ live: true });
    expect(await (await at('/ready')).json()).toEqual({ ready: true, reasons: [] });
    expect((await at('/')).status).toBe(404);
    expect((await at('/live', { method: 'POST' })).status).toBe(405);
  });
});

describe('B2 what is behind an ambiguous request', () => {
  const behind = 'GET /api/games HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  it.each([
    ['two Host fields', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['an absolute address', 'GET https://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    [
      'a coding before chunked',
      'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xx, chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('%s: is never taken for a request', async (_what, text) => {
    const before = rig.log.split('/api/games').length;
    const answer = await rawExchange(rig, text + behind);
    expect(answer.text).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.isClosed).toBe(true);
    // Whatever had been taken before this would be in the log by now.
    await rig.request('/');
    expect(rig.log.split('/api/games')).toHaveLength(before);
  });
});
