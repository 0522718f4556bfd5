import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '../../../../src/process/logger.ts';
import { createPlainHttpServer } from '../../../../src/proxy/plain-http/plain-http-server.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const server = createPlainHttpServer({
  httpsPort: 8443,
  challengeAnswer: async (token) => (token === 'known' ? 'the answer' : undefined),
  nextRequestId: () => 'r_1',
  logger,
});
const atUsualPort = createPlainHttpServer({ httpsPort: 443, nextRequestId: () => 'r_1', logger });

beforeAll(async () => {
  for (const each of [server, atUsualPort])
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const each of [server, atUsualPort]) each.close();
});

/** Sends text, and gives everything that comes back until the connection ends. */
function exchange(text: string, to = server): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect((to.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

const request = (line: string, fields: readonly string[] = ['Host: play.example.org']) =>
  `${line} HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

describe('A10 plain HTTP', () => {
  it.each([
    ['GET /', 'https://play.example.org:8443/'],
    ['HEAD /', 'https://play.example.org:8443/'],
    ['GET /assets/main.js?x=1', 'https://play.example.org:8443/assets/main.js?x=1'],
    ['GET /apiary', 'https://play.example.org:8443/apiary'],
  ])('%s is sent on', async (line, location) => {
    const answer = await exchange(request(line));
    expect(answer).toMatch(/^HTTP\/1\.1 308 /);
    expect(answer).toContain(`location: ${location}\r\n`);
    expect(answer).not.toMatch(/strict-transport-security/i);
  });

  it.each([
    ['play.example.org:80', 'play.example.org:8443'],
    ['192.0.2.1', '192.0.2.1:8443'],
    ['[2001:db8::1]:80', '[2001:db8::1]:8443'],
  ])('for the host %s to %s', async (host, target) => {
    expect(await exchange(request('GET /', [`Host: ${host}`]))).toContain(`location: https://${target}/\r\n`);
  });

  it('to an address without a port when HTTPS has the usual one', async () => {
    expect(await exchange(request('GET /'), atUsualPort)).toContain(
      'location: https://play.example.org/\r\n',
    );
  });

  it.each([
    ['an API', request('GET /api/games'), 403],
    ['an API in capitals', request('GET /API/games'), 403],
    ['accounts', request('GET /auth/me'), 403],
    ['keys', request('GET /.well-known/jwks.json'), 403],
    ['a POST to the page', request('POST /', ['Host: a', 'Content-Length: 0']), 403],
    ['a sign-in', request('POST /auth/login', ['Host: a', 'Content-Length: 0']), 403],
    ['a token', request('GET /', ['Host: a', 'Authorization: Bearer x']), 403],
    [
      'a WebSocket',
      request('GET /play', [
        'Host: a',
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
      ]),
      403,
    ],
    ['no host', request('GET /', []), 400],
    ['a host that is none', request('GET /', ['Host: a/b@c']), 400],
    ['a path that looks like a host', request('GET //evil.example/'), 400],
    ['an absolute address', request('GET http://evil.example/'), 400],
    ['nonsense', 'hello\r\n\r\n', 400],
    ['the start of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['17 KiB of header', request('GET /', ['Host: a', `X: ${'x'.repeat(17_000)}`]), 400],
  ])('%s is refused, and not sent on', async (_what, text, status) => {
    const answer = await exchange(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).not.toMatch(/\r\nlocation:/i);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('a second request behind the first is never answered', async () => {
    const answer = await exchange(request('GET /') + request('GET /second'));
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('challenges of a certificate authority are answered, and nothing beside them', async () => {
    const under = '/.well-known/acme-challenge/';
    expect(await exchange(request(`GET ${under}known`))).toMatch(
      /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n(?:[\da-f]+\r\n)?the answer/,
    );
    expect(await exchange(request(`GET ${under}unknown`))).toMatch(/^HTTP\/1\.1 404 /);
    expect(await exchange(request(`GET ${under}../../etc/passwd`))).toMatch(/^HTTP\/1\.1 404 /);
    expect(await exchange(request(`POST ${under}known`, ['Host: a', 'Content-Length: 0']))).toMatch(
      /^HTTP\/1\.1 403 /,
    );
    expect(await exchange(request(`GET ${under}known`), atUsualPort)).toMatch(/^HTTP\/1\.1 403 /);
  });
});
