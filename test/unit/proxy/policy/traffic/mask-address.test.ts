import { expect, it } from 'vitest';
import { canonicalAddress } from '../../../../../src/process/addresses/canonical-address.ts';
import { maskAddress } from '../../../../../src/proxy/policy/traffic/mask-address.ts';

it.each([
  ['192.0.2.77', '192.0.2.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['::1', '0:0:0::'],
  ['unknown', 'unknown'],
])('%s becomes %s', (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
  if (masked !== 'unknown') expect(canonicalAddress(masked)).toBeDefined();
});
