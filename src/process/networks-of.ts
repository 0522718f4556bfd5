import { isIPv4, isIPv6 } from 'node:net';

export interface Network {
  /** Canonical text, the same for every address of the network. */
  readonly prefix: string;
  /** How many customers it may hold: one household or school, or a whole provider's site. */
  readonly size: 'site' | 'wide';
}

/**
 * The networks that an address counts for. One IPv4 address is one site, however many sit behind it. Whoever has one IPv6
 * address has the 2^64 of its /64, and many have a /48 (RFC 6177), so both are counted.
 */
export function networksOf(address: string): readonly Network[] {
  const bare = address.replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  if (isIPv4(mapped)) return [{ prefix: mapped, size: 'site' }];
  if (!isIPv6(bare)) return [{ prefix: 'unknown', size: 'site' }];
  const groups = groupsOf(bare);
  return [
    { prefix: `${groups.slice(0, 4).join(':')}/64`, size: 'site' },
    { prefix: `${groups.slice(0, 3).join(':')}/48`, size: 'wide' },
  ];
}

/** The eight groups of a valid address, without leading zeros. */
function groupsOf(address: string): string[] {
  // The last four bytes may be written as an IPv4 address (RFC 4291 section 2.2).
  const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16));
}
