import { describe, expect, it } from 'vitest';
import type { Fields } from '../../../../../src/proxy/routes/http/fields.ts';
import type { HttpRoute, RoutePlace } from '../../../../../src/proxy/routes/http/http-route.ts';
import { responseFields } from '../../../../../src/proxy/routes/http/response-fields.ts';

const byPath: RoutePlace = { kind: 'path', path: '/app/' };
const byHost: RoutePlace = { kind: 'host', host: 'app.example', entrance: 'https://castling.example' };

function given(
  fields: Fields,
  place: RoutePlace = byPath,
  { upstreamPath = '/', status = 200 } = {},
): Map<string, string[]> | undefined {
  const lines = responseFields(
    { status, fields },
    {
      route: { place, upstreamPath } as HttpRoute,
      authorities: ['127.0.0.1:9000'],
      target: '/games/1',
      host: place.kind === 'path' ? 'castling.example' : 'app.example',
      strictTransport: 'max-age=1',
    },
  );
  if (lines === undefined) return undefined;
  const map = new Map<string, string[]>();
  for (let index = 0; index < lines.length; index += 2) {
    map.set(lines[index]!, [...(map.get(lines[index]!) ?? []), lines[index + 1]!]);
  }
  return map;
}

describe('the fields of an answer', () => {
  it('say nothing of the upstream, of the connection, or for the whole origin', () => {
    const fields = given({
      server: 'x/1',
      'x-powered-by': 'y',
      connection: 'close, x-once',
      'x-once': '1',
      'keep-alive': 'timeout=5',
      'strict-transport-security': 'max-age=0',
      'alt-svc': 'h3=":443"',
      'clear-site-data': '"*"',
      'service-worker-allowed': '/',
      'castling-assertion': 'echoed',
      'x-accel-redirect': '/etc/passwd',
      'x-sendfile': '/etc/passwd',
      'content-type': 'text/html',
    });
    expect([...(fields ?? [])].toSorted()).toEqual([
      ['content-security-policy', [expect.stringContaining('connect-src https://castling.example/app/')]],
      ['content-type', ['text/html']],
      ['cross-origin-opener-policy', ['same-origin-allow-popups']],
      ['strict-transport-security', ['max-age=1']],
      ['via', ['1.1 castling']],
      ['x-content-type-options', ['nosniff']],
    ]);
  });

  it('of a route by path keep the upstream’s policy beside the proxy’s', () => {
    const policies = given({ 'content-security-policy': "default-src 'self'" })?.get(
      'content-security-policy',
    );
    expect(policies).toEqual(["default-src 'self'", expect.stringMatching(/^connect-src /)]);
  });

  it('of a route by host are its own affair where they are about its own origin', () => {
    const fields = given(
      { 'service-worker-allowed': '/', 'cross-origin-opener-policy': 'same-origin' },
      byHost,
    );
    expect(fields?.get('service-worker-allowed')).toEqual(['/']);
    expect(fields?.get('content-security-policy')).toBeUndefined();
  });

  it.each([
    ['/x', '/app/x'],
    ['x', '/app/games/x'],
    ['../../../x', '/app/x'],
    ['?page=2', '/app/games/1?page=2'],
    ['http://127.0.0.1:9000/x#y', '/app/x#y'],
    ['https://elsewhere.example/x', 'https://elsewhere.example/x'],
    ['//elsewhere.example/x', '//elsewhere.example/x'],
    ['https://castling.example/app/x', '/app/x'],
  ])('Location: %s is given as %s', (location, expected) => {
    expect(given({ location })?.get('location')).toEqual([expected]);
  });

  it.each([
    'https://castling.example/auth/refresh',
    '//castling.example/',
    'https://CASTLING.example:443/play',
    'https://castling.example/app/../auth/refresh',
    '\\\\castling.example\\auth',
    'javascript:alert(1)',
    'http://[',
  ])('Location: %s is refused at a route by path', (location) => {
    expect(given({ location })).toBeUndefined();
  });

  it('Location leads below the upstream’s own path', () => {
    expect(given({ location: '/base/x' }, byPath, { upstreamPath: '/base/' })?.get('location')).toEqual([
      '/app/x',
    ]);
    expect(given({ location: '/elsewhere' }, byPath, { upstreamPath: '/base/' })?.get('location')).toEqual([
      '/app/',
    ]);
  });
});

describe('a cookie of an upstream’s', () => {
  it.each([
    ['a=1', 'a=1; Path=/app/; Secure'],
    ['a=1; Path=/', 'a=1; Path=/app/; Secure'],
    ['a=1; path=/x; HttpOnly; SameSite=Lax', 'a=1; Path=/app/x; HttpOnly; SameSite=Lax; Secure'],
    ['a=1; Domain=example; Max-Age=5; secure', 'a=1; Max-Age=5; Path=/app/; Secure'],
  ])('%s is set as %s', (text, expected) => {
    expect(given({ 'set-cookie': [text] })?.get('set-cookie')).toEqual([expected]);
  });

  it.each([
    '__Host-castling=x; Path=/',
    '__host-castling-pass-app=x',
    '__Host-own=1; Path=/; Secure',
    'no name',
    '=x',
  ])('%s is not set by a route by path', (text) => {
    expect(given({ 'set-cookie': text })?.get('set-cookie')).toBeUndefined();
  });

  it('by host keeps its path and loses its domain', () => {
    expect(
      given({ 'set-cookie': '__Host-own=1; Path=/; Domain=example' }, byHost)?.get('set-cookie'),
    ).toEqual(['__Host-own=1; Path=/; Secure']);
    expect(given({ 'set-cookie': '__Host-castling-x=1; Path=/' }, byHost)?.get('set-cookie')).toBeUndefined();
  });
});
