import { describe, expect, it } from 'vitest';
import { networksOf } from '../../../src/process/networks-of.ts';

const prefixes = (address: string): string[] => networksOf(address).map(({ prefix }) => prefix);

describe('D4 the networks of an address', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.7']],
    ['::ffff:192.0.2.7', ['192.0.2.7']],
    ['::FFFF:192.0.2.7', ['192.0.2.7']],
    ['2001:db8:1:2:3:4:5:6', ['2001:db8:1:2/64', '2001:db8:1/48']],
    ['2001:0DB8:0001:0002::', ['2001:db8:1:2/64', '2001:db8:1/48']],
    ['2001:db8::1', ['2001:db8:0:0/64', '2001:db8:0/48']],
    ['::1', ['0:0:0:0/64', '0:0:0/48']],
    ['::', ['0:0:0:0/64', '0:0:0/48']],
    ['fe80::1%eth0', ['fe80:0:0:0/64', 'fe80:0:0/48']],
    ['64:ff9b::192.0.2.33', ['64:ff9b:0:0/64', '64:ff9b:0/48']],
    ['', ['unknown']],
    ['not an address', ['unknown']],
  ])('%j are %j', (address, expected) => {
    expect(prefixes(address)).toEqual(expected);
  });

  it('are the same for every address of a /64', () => {
    expect(prefixes('2001:db8:1:2:ffff::1')).toEqual(prefixes('2001:db8:1:2:0:1::'));
    expect(prefixes('2001:db8:1:3::')[0]).not.toBe(prefixes('2001:db8:1:2::')[0]);
  });
});
