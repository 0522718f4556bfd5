import { describe, expect, it } from 'vitest';
import { listedOrigin } from '../../../../src/proxy/listener/listed-origin.ts';

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
