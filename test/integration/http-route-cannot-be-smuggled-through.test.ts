import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
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

const behind = 'GET /app/smuggled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const post = 'POST /app/x HTTP/1.1\r\nHost: localhost\r\n';

/** Requests that two readers could cut in two places, or read in two ways. */
const ambiguous: readonly (readonly [string, string])[] = [
  ['CL and TE', `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['TE and CL', `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
  ['two CL', `${post}Content-Length: 0\r\nContent-Length: 4\r\n\r\nabcd`],
  ['two equal CL', `${post}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`],
  ['a list in CL', `${post}Content-Length: 4, 4\r\n\r\nabcd`],
  ['+2', `${post}Content-Length: +2\r\n\r\nab`],
  ['-2', `${post}Content-Length: -2\r\n\r\nab`],
  ['0x2', `${post}Content-Length: 0x2\r\n\r\nab`],
  ['a CL beyond 64 bits', `${post}Content-Length: 18446744073709551618\r\n\r\nab`],
  ['a CL with a space inside', `${post}Content-Length: 1 2\r\n\r\nab`],
  ['TE that is not chunked', `${post}Transfer-Encoding: identity\r\n\r\nabcd`],
  ['TE: xx, chunked', `${post}Transfer-Encoding: xx, chunked\r\n\r\n0\r\n\r\n`],
  ['TE: chunked, identity', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ['TE twice', `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['TE with a space before the colon', `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['TE with a vertical tab', `${post}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n`],
  ['a folded line', `${post}X: a\r\n b: c\r\nContent-Length: 0\r\n\r\n`],
  ['a bare LF', 'GET /app/x HTTP/1.1\nHost: localhost\n\n'],
  ['a bare LF in the header', `GET /app/x HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b\r\n\r\n`],
  ['a bare CR', `GET /app/x HTTP/1.1\r\nHost: localhost\r\nX: a\rY: b\r\n\r\n`],
  ['a NUL', `GET /app/x HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n`],
  ['a line without a colon', 'GET /app/x HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n'],
  ['a chunk length with LF alone', `${post}Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n`],
  ['a chunk length that is none', `${post}Transfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n`],
  ['a chunk length beyond 64 bits', `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n`],
  ['a chunk longer than said', `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n`],
  ['HTTP/1.0 with TE', 'POST /app/x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['HTTP/2.0', 'GET /app/x HTTP/2.0\r\nHost: localhost\r\n\r\n'],
  ['no Host', 'GET /app/x HTTP/1.1\r\n\r\n'],
  ['two Host', 'GET /app/x HTTP/1.1\r\nHost: localhost\r\nHost: b\r\n\r\n'],
  ['an absolute address', 'GET http://localhost/app/x HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a body on GET', 'GET /app/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd'],
  [
    'a chunked body on GET',
    'GET /app/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['17 KiB of header', `GET /app/x HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
];

describe('B2 request smuggling through an http route', () => {
  it.each(ambiguous)('%s is refused, and what follows reaches nobody', async (_what, text) => {
    const before = upstream.seen.filter(({ url }) => url === '/smuggled').length;
    const alone = await rawExchange(rig, text, { until: /HTTP\/1\.1 [^1]\d\d .*\r\n\r\n[\s\S]*\}$/ });
    expect(alone.text).toMatch(/^HTTP\/1\.1 (400|413|431|501|505) /);
    const answer = await rawExchange(rig, text + behind);
    expect(answer.text).toMatch(/^HTTP\/1\.1 (400|413|431|501|505) /);
    expect(answer.isClosed).toBe(true);
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    // Whatever had gone on before this would have been seen by now.
    await rig.request('/app/after');
    expect(upstream.seen.filter(({ url }) => url === '/smuggled')).toHaveLength(before);
  });

  it('lawful requests one behind the other are answered each', async () => {
    const text = `${post}Content-Length: 4\r\n\r\nabcd${post}Transfer-Encoding: chunked\r\n\r\n2\r\nef\r\n0\r\n\r\n${behind}`;
    const answer = await rawExchange(rig, text);
    expect(answer.text.match(/HTTP\/1\.1 200 /g)).toHaveLength(3);
    expect(upstream.seen.slice(-3).map(({ body }) => body)).toEqual(['abcd', 'ef', '']);
  });
});

describe('B3 upgrade smuggling through an http route', () => {
  const line = 'GET /app/x HTTP/1.1';
  const plain = { 'Sec-WebSocket-Protocol': '' };
  it.each([
    [
      'h2c',
      upgradeText({ ...plain, Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA' }, line),
      400,
    ],
    ['websocket and h2c', upgradeText({ ...plain, Upgrade: 'websocket, h2c' }, line), 400],
    [
      'POST with a body',
      `${upgradeText({ ...plain, 'Content-Length': '4' }, 'POST /app/x HTTP/1.1')}abcd`,
      405,
    ],
    ['GET with a body', `${upgradeText({ ...plain, 'Content-Length': '4' }, line)}abcd`, 400],
    ['version 8', upgradeText({ ...plain, 'Sec-WebSocket-Version': '8' }, line), 426],
    ['a key that is none', upgradeText({ ...plain, 'Sec-WebSocket-Key': 'short' }, line), 400],
    ['a foreign origin', upgradeText({ ...plain, Origin: 'https://evil.example' }, line), 403],
  ])('%s is refused, and what follows reaches nobody', async (_what, text, status) => {
    const before = upstream.seen.length;
    const answer = await rawExchange(rig, text + behind);
    expect(answer.text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer.isClosed).toBe(true);
    expect(upstream.seen).toHaveLength(before);
  });

  it('an upstream that says 101 without having read the handshake switches nothing', async () => {
    await using liar = await HttpUpstreamFixture.start(undefined, (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
      socket.write('Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n');
    });
    routeHttp(rig, httpRoute([liar.port]));
    const answer = await rawExchange(rig, upgradeText(plain, line) + behind);
    expect(answer.text).toMatch(/^HTTP\/1\.1 502 /);
    expect(answer.isClosed).toBe(true);
    expect(liar.seen.filter(({ url }) => url === '/smuggled')).toEqual([]);
  });
});
