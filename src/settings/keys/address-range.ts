import type { TUnsafe } from 'typebox';
import { AddressRanges } from '../../process/addresses/address-ranges.ts';
import { type About, keyOf } from './key.ts';

/** An IP address, or a range of them in CIDR form. */
export function addressRange(about: Partial<About<string>> = {}): TUnsafe<string> {
  return keyOf({ type: 'string', maxLength: 64 }, about, {
    kind: 'addressRange',
    expected: 'an IP address or a range of them, such as 10.0.0.0/8 or 2001:db8::/32',
  });
}

export function readAddressRange(text: string): string | undefined {
  try {
    new AddressRanges([text]);
    return text;
  } catch {
    return undefined;
  }
}
