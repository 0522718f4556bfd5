import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRoute } from '../../../../../src/proxy/routes/http/http-route.ts';
import { isWithin, readTarget } from '../../../../../src/proxy/routes/http/request-target.ts';

const route = { place: { kind: 'path', path: '/app/' }, upstreamPath: '/base/' } as HttpRoute;

describe('B5 the target of a request', () => {
  it.each([
    ['/app/', '/base/'],
    ['/app/x/y.html', '/base/x/y.html'],
    ['/app/x?y=/../z', '/base/x?y=/../z'],
    ['/app/%C3%A9', '/base/%C3%A9'],
    ['/app/a%20b', '/base/a%20b'],
    ['/app/...', '/base/...'],
    ['/app/x;y=1/z', '/base/x;y=1/z'],
    ['/app/x/', '/base/x/'],
  ])('%s goes on as %s', (url, target) => {
    expect(readTarget(url, route)).toMatchObject({ kind: 'target', target });
  });

  it.each([
    ...[
      '/app/..',
      '/app/../x',
      '/app/./x',
      '/app/%2e%2e/x',
      '/app/.%2E/x',
      '/app/%2e/x',
      '/app/..;/x',
      '/app/.;a=b/x',
    ],
    ...[
      '/app//x',
      '/app/x//',
      '/app/x\\y',
      '/app/%5cx',
      '/app/%2fx',
      '/app/x%2Fy',
      '/app/%00',
      '/app/%0a',
      '/app/%7f',
    ],
    ...[
      '/app/%c0%af',
      '/app/%ff',
      '/app/%',
      '/app/%zz',
      '/app/%u0041',
      '/app/é',
      '/app/x y',
      '/app/"',
      '/app/<x>',
    ],
    ...['/app/x?é', '/app/x#y'],
  ])('%s is refused', (url) => {
    expect(readTarget(url, route)).toEqual({ kind: 'refused', problem: 'request_invalid' });
  });

  it('is refused when it is too long', () => {
    expect(readTarget(`/app/${'x'.repeat(8 * 1024)}`, route)).toEqual({
      kind: 'refused',
      problem: 'target_too_long',
    });
  });

  it('without its last slash is led to it, with its query', () => {
    expect(readTarget('/app?x=1', route)).toEqual({ kind: 'slash-missing', location: '/app/?x=1' });
  });

  it('never leaves the upstream’s path, as a WHATWG URL parser reads it', () => {
    const piece = fc.constantFrom(
      ...[
        '..',
        '.',
        '%2e',
        '%2E%2e',
        '/',
        '//',
        '\\',
        '%2f',
        ';',
        'a',
        '%00',
        '%c3%a9',
        '?',
        '#',
        '@',
        ':',
        'x.y',
        '...',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const verdict = readTarget(`/app/${pieces.join('')}`, route);
        if (verdict.kind !== 'target') return;
        const { pathname, host } = new URL(verdict.target, 'http://up.test');
        expect(host).toBe('up.test');
        expect(pathname).toBe(verdict.path);
        expect(pathname.startsWith('/base/')).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('B5 the route of a request', () => {
  it.each(['/app', '/app/', '/app/x'])('%s is the route’s', (path) => {
    expect(isWithin(path, '/app/')).toBe(true);
  });

  it.each(['/', '/apps', '/app;x/', '/App/', '/%61pp/', '//app/', '/x/../app/'])('%s is not', (path) => {
    expect(isWithin(path, '/app/')).toBe(false);
  });
});
