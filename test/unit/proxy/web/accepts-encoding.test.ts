import { describe, expect, it } from 'vitest';
import { accepts } from '../../../../src/proxy/web/accepts-encoding.ts';

describe('Accept-Encoding (RFC 9110 section 12.5.3)', () => {
  it.each([
    ['gzip', true],
    ['gzip, deflate, br, zstd', true],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
    ['GZIP', true],
    ['*', true],
    ['gzip; q=0', false],
    ['gzip;q=0, *', false],
    ['*;q=0', false],
    ['*, gzip;q=0.000', false],
    ['br', false],
    ['x-gzip-like', false],
    ['identity', false],
    ['', false],
    ['gzip;q=nonsense', false],
    [undefined, false],
  ])('%s: gzip %s', (field, expected) => {
    expect(accepts('gzip', field)).toBe(expected);
  });
});
