import { isIPv4 } from 'node:net';
import { networksOf } from '../../../process/networks-of.ts';

/** The network of an address: an IPv4 /24 or an IPv6 /48 (RFC 6177), so that one home or one person is no longer told from it. */
export function maskAddress(address: string): string {
  if (isIPv4(address)) return address.replace(/\d+$/, '0');
  const wide = networksOf(address).find(({ size }) => size === 'wide');
  return wide === undefined ? 'unknown' : `${wide.prefix.replace('/48', '')}::`;
}
