import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCacheControl } from '../../../../../../src/proxy/routes/http/cache/cache-control.ts';

describe('Cache-Control', () => {
  it('is read whatever it says, in time that grows with its length', () => {
    const piece = fc.constantFrom(
      'max-age=1',
      'no-store',
      'private',
      '"',
      ',',
      '\\',
      '=',
      ' ',
      'x',
      '"a,b"',
      's-maxage="5"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const directives = readCacheControl({ 'cache-control': pieces.join('') });
        expect(directives.maxAge ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
    // In time that grew with the square of it, a megabyte would take minutes.
    const startedAt = performance.now();
    readCacheControl({ 'cache-control': '"\\'.repeat(500_000) });
    readCacheControl({ 'cache-control': '"",'.repeat(300_000) });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('hides no directive behind another one’s quotes', () => {
    const restrictive = fc.constantFrom('no-store', 'private', 'no-cache');
    const other = fc.constantFrom('max-age=60', 'x="a"', 'x="a, b"', 'y="\\""', 'public');
    fc.assert(
      fc.property(fc.array(other), restrictive, fc.array(other), (before, directive, after) => {
        const { noStore, isPrivate, noCache } = readCacheControl({
          'cache-control': [...before, directive, ...after].join(', '),
        });
        expect([noStore, isPrivate, noCache]).toContain(true);
      }),
    );
  });
});
