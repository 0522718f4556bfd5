import { describe, expect, it } from 'vitest';
import { listedOrigin, ownOrigins } from '../../../../src/proxy/listener/origins.ts';

describe('ownOrigins', () => {
  it('are this machine’s names at the port, without the port where browsers leave it out', () => {
    expect(ownOrigins(8443, 'Club')).toEqual([
      'https://localhost:8443',
      'https://127.0.0.1:8443',
      'https://[::1]:8443',
      'https://club:8443',
    ]);
    expect(ownOrigins(443, 'club')).toContain('https://club');
  });
});

describe('listedOrigin', () => {
  it.each(['https://example.org', 'https://example.org:8443', 'http://localhost:3000'])(
    'takes %s',
    (text) => {
      expect(listedOrigin(text)).toBe(text);
    },
  );

  it.each([
    'https://example.org/',
    'https://Example.org',
    'https://example.org:443',
    'example.org',
    'null',
    '*',
    'file:///x',
  ])('does not take %s', (text) => {
    expect(() => listedOrigin(text)).toThrow(/--origin/);
  });
});
