import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../../../src/process/addresses/canonical-address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
    expect(canonicalAddress(canonical)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '01.2.3.4',
    '256.1.1.1',
    'localhost',
    '1.2.3.4:80',
    '[::1]',
    '::1/128',
    '1.2.3.4 ',
    'unknown',
  ])('“%s” is no address', (text) => {
    expect(canonicalAddress(text)).toBeUndefined();
  });
});
