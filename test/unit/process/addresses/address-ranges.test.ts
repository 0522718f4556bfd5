import { describe, expect, it } from 'vitest';
import { AddressRanges } from '../../../../src/process/addresses/address-ranges.ts';

describe('AddressRanges', () => {
  it('has what lies in one of its ranges, and nothing beside', () => {
    const ranges = new AddressRanges([
      '10.0.0.0/8',
      '192.0.2.7',
      '2001:db8::/32',
      '::1',
      '::ffff:198.51.100.0/120',
    ]);
    for (const inside of [
      '10.0.0.0',
      '10.255.255.255',
      '192.0.2.7',
      '2001:db8:ffff::1',
      '::1',
      '198.51.100.200',
    ]) {
      expect(ranges.has(inside), inside).toBe(true);
    }
    for (const outside of ['11.0.0.0', '9.255.255.255', '192.0.2.8', '2001:db9::', '::2', '198.51.101.0']) {
      expect(ranges.has(outside), outside).toBe(false);
    }
  });

  it('is empty by default, and can hold everything', () => {
    expect(new AddressRanges().has('127.0.0.1')).toBe(false);
    const everything = new AddressRanges(['0.0.0.0/0', '::/0']);
    expect(everything.has('203.0.113.9')).toBe(true);
    expect(everything.has('2001:db8::9')).toBe(true);
  });

  it.each([
    '',
    'localhost',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/08',
    '10.0.0.0/',
    '::/129',
    '10.0.0/8',
    '::ffff:10.0.0.0/90',
  ])('refuses “%s” by name', (text) => {
    expect(() => new AddressRanges([text])).toThrow(`“${text}” is neither`);
  });
});
