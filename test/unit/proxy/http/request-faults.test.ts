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

  it.each([
    '/..',
    '/a/%2e%2E/b',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/a%00',
    '/a%c0%af',
    '/a//b',
    '/a#b',
    '/a b',
    '/..;/a',
  ])('refuses the path %j', (url) => {
    expect(fault(url)).toBe('request_invalid');
  });

  it('refuses a target of more than 8 KiB', () => {
    expect(fault(`/${'x'.repeat(8_191)}`)).toBeUndefined();
    expect(fault(`/${'x'.repeat(8_192)}`)).toBe('target_too_long');
  });

  it.each(['', 'a/b', 'ada@a', 'a b', 'a:b', 'a:1:2', 'a"', '[::1', 'a,b', 'a?', '%61'])(
    'refuses the host %j',
    (host) => {
      expect(fault('/', ['Host', host])).toBe('request_invalid');
    },
  );

  it.each([
    'a',
    'play.example.org',
    'localhost:8443',
    '127.0.0.1:1',
    '[::1]',
    '[2001:db8::1]:8443',
    'my_club',
  ])('takes the host %j', (host) => {
    expect(fault('/', ['Host', host])).toBeUndefined();
  });

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
