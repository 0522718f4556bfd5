import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { judgeUpgrade } from '../../../../src/proxy/listener/upgrade-request.ts';

const origins = new Set(['https://good.example']);
const right: readonly [string, string][] = [
  ['Host', 'localhost:8443'],
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Sec-WebSocket-Protocol', 'castling.v1'],
];

function judge(options: {
  more?: readonly [string, string][];
  without?: string;
  method?: string;
  url?: string;
  httpVersion?: string;
}): ReturnType<typeof judgeUpgrade> {
  const { more = [], without, method = 'GET', url = '/play', httpVersion = '1.1' } = options;
  const replaced = new Set(more.map(([name]) => name));
  const lines = [...right.filter(([name]) => name !== without && !replaced.has(name)), ...more];
  const headers: Record<string, string> = {};
  // Node keeps the first of two fields, and joins two Origin.
  for (const [name, value] of lines) headers[name.toLowerCase()] ??= value;
  return judgeUpgrade(
    { method, url, httpVersion, headers, rawHeaders: lines.flat() } as unknown as IncomingMessage,
    { origins, subprotocol: url === '/play' ? 'castling.v1' : undefined },
  );
}

describe('judgeUpgrade', () => {
  it('accepts a program without credentials, one with a bearer token, and a page of a listed origin', () => {
    const place = { method: 'GET', url: 'https://localhost:8443/play' };
    const accepted = (shown?: object) => ({ kind: 'accept', opening: { ...place, shown } });
    expect(judge({})).toEqual(accepted());
    expect(judge({ more: [['Authorization', 'Bearer abc.def.ghi']] })).toEqual(
      accepted({ token: 'abc.def.ghi' }),
    );
    expect(judge({ more: [['Authorization', 'bearer abc']] })).toEqual(accepted({ token: 'abc' }));
    expect(judge({ more: [['Origin', 'https://good.example']] })).toEqual(accepted());
  });

  it('C16 takes a proof with a bound token, made for this very upgrade', () => {
    const place = { method: 'GET', url: 'https://localhost:8443/play' };
    const bound: [string, string] = ['Authorization', 'DPoP abc'];
    expect(judge({ more: [bound, ['DPoP', 'proof']] })).toEqual({
      kind: 'accept',
      opening: { ...place, shown: { token: 'abc', proof: { ...place, proof: 'proof' } } },
    });
    expect(judge({ more: [bound] })).toEqual({ kind: 'close', code: 'token_invalid' });
    expect(judge({ more: [bound, ['DPoP', 'one'], ['dpop', 'other']] })).toEqual({
      kind: 'refuse',
      problem: 'request_invalid',
    });
  });

  it('accepts a page that this server gave out, by whatever name and port it was reached', () => {
    for (const host of ['localhost:8443', '192.168.1.7:8443', 'play.example.org', '[fd00::7]:8443']) {
      const more: [string, string][] = [
        ['Host', host],
        ['Origin', `https://${host}`],
      ];
      expect(judge({ more })).toMatchObject({ kind: 'accept' });
    }
  });

  describe('B6 origins', () => {
    it.each([
      'null',
      '',
      'https://good.example.evil',
      'https://good.example:444',
      'https://GOOD.example',
      'https://good.example.',
      'https://good.example/',
      'http://good.example',
      'http://localhost:8443',
      'https://localhost',
      'https://localhost:8444',
      'https://LOCALHOST:8443',
      'https://good.example, https://good.example',
      'https://evil.example https://good.example',
    ])('refuses %j', (origin) => {
      expect(judge({ more: [['Origin', origin]] })).toEqual({ kind: 'refuse', problem: 'origin_refused' });
    });

    it('refuses two Origin fields, though each is listed', () => {
      const more: [string, string][] = [
        ['Origin', 'https://good.example'],
        ['Origin', 'https://good.example'],
      ];
      expect(judge({ more })).toEqual({ kind: 'refuse', problem: 'request_invalid' });
    });
  });

  describe('B7 tokens', () => {
    it.each(['/play?access_token=x', '/play?a=1&token=x', '/play?TOKEN=x', '/play?access%5Ftoken=x'])(
      'refuses %s',
      (url) => {
        expect(judge({ url })).toEqual({ kind: 'refuse', problem: 'token_in_url' });
      },
    );

    it.each(['castling.v1, eyJhbGciOi.x.y', `castling.v1, ${'a'.repeat(65)}`, 'crt_abc, castling.v1'])(
      'refuses the subprotocols %j',
      (value) => {
        expect(judge({ more: [['Sec-WebSocket-Protocol', value]] })).toEqual({
          kind: 'refuse',
          problem: 'token_in_subprotocol',
        });
      },
    );
  });

  describe('B3 other upgrades', () => {
    it.each([
      [{ more: [['Upgrade', 'h2c']] }, 'request_invalid'],
      [{ more: [['Upgrade', 'websocket, h2c']] }, 'request_invalid'],
      [{ method: 'POST' }, 'method_not_allowed'],
      [{ more: [['Content-Length', '5']] }, 'request_invalid'],
      [{ more: [['Transfer-Encoding', 'chunked']] }, 'request_invalid'],
      [{ more: [['Sec-WebSocket-Version', '8']] }, 'websocket_expected'],
      [{ without: 'Sec-WebSocket-Version' }, 'websocket_expected'],
      [{ more: [['Sec-WebSocket-Key', 'short']] }, 'request_invalid'],
      [{ url: '/other' }, 'not_found'],
      [{ url: '/play/' }, 'not_found'],
      [{ url: '//evil.example/play' }, 'request_invalid'],
      [{ url: 'https://localhost/play' }, 'request_invalid'],
      [{ httpVersion: '1.0' }, 'http_version_unsupported'],
      [{ without: 'Host' }, 'request_invalid'],
      [
        {
          more: [
            ['Authorization', 'Bearer a'],
            ['Authorization', 'Bearer b'],
          ],
        },
        'request_invalid',
      ],
      [
        {
          more: [
            ['Host', 'a'],
            ['Host', 'b'],
          ],
        },
        'request_invalid',
      ],
    ] as [Parameters<typeof judge>[0], string][])('refuses %j as %s', (options, problem) => {
      expect(judge(options)).toEqual({ kind: 'refuse', problem });
    });
  });

  it('closes, with a code that a browser can read, who offers no subprotocol or another scheme', () => {
    expect(judge({ without: 'Sec-WebSocket-Protocol' })).toEqual({
      kind: 'close',
      code: 'subprotocol_missing',
      reason: 'Offer the WebSocket subprotocol castling.v1.',
    });
    expect(judge({ more: [['Sec-WebSocket-Protocol', 'castling.v2']] })).toEqual({
      kind: 'close',
      code: 'subprotocol_missing',
      reason: 'Offer the WebSocket subprotocol castling.v1.',
    });
    expect(judge({ more: [['Authorization', 'Basic YTpi']] })).toEqual({
      kind: 'close',
      code: 'token_invalid',
    });
    expect(judge({ more: [['Authorization', 'Bearer a b']] })).toEqual({
      kind: 'close',
      code: 'token_invalid',
    });
  });
});
