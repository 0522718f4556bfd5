import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { pathOf, requestFault } from '../../../../src/proxy/http/request-faults.ts';

function fault(url: string, rawHeaders: string[] = ['Host', 'a'], httpVersion = '1.1'): string | undefined {
  return requestFault({ url, rawHeaders, httpVersion } as IncomingMessage);
}

describe('requestFault', () => {
  it.each(['/', '/api/games', '/auth/logout?scope=local', '/x?tokens=1', '/x?q=access_token'])(
    'lets %s pass',
    (url) => {
      expect(fault(url)).toBeUndefined();
    },
  );

  it.each([
    '/x?access_token=1',
    '/x?token',
    '/x?a=1&ToKeN=2',
    '/x?%74oken=2',
    '/x?refresh_token=1',
    '/x?a#b&token=1',
  ])('finds the token in %s', (url) => {
    expect(fault(url)).toBe('token_in_url');
  });

  it.each(['Host', 'host', 'Authorization', 'Origin', 'Content-Length', 'Transfer-Encoding', 'Cookie'])(
    'refuses two %s fields',
    (name) => {
      expect(fault('/', ['Host', 'a', name, 'x', name.toUpperCase(), 'x'])).toBe('request_invalid');
    },
  );

  it('lets two fields of a kind that is a list pass', () => {
    expect(fault('/', ['Host', 'a', 'Accept', 'x', 'accept', 'y'])).toBeUndefined();
  });
});

describe('pathOf', () => {
  it.each([
    ['/play?access_token=x', '/play'],
    ['/play#x', '/play'],
    ['/play', '/play'],
    ['', ''],
  ])('of %j is %j', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});
