import { BlockList, isIPv4 } from 'node:net';
import { canonicalAddress } from './canonical-address.ts';

/** A set of IP addresses, written as addresses and as ranges in CIDR form (RFC 4632, RFC 4291 section 2.3). */
export class AddressRanges {
  readonly #list = new BlockList();

  /** @throws RangeError naming the text that is neither an address nor a range. */
  constructor(texts: readonly string[] = []) {
    for (const text of texts) this.#add(text);
  }

  /** Whether an address, in its canonical form, is in the set. */
  has(address: string): boolean {
    return this.#list.check(address, familyOf(address));
  }

  #add(text: string): void {
    const [, base = '', bits] = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
    const address = canonicalAddress(base);
    if (address === undefined) throw notRange(text);
    const family = familyOf(address);
    const width = family === 'ipv4' ? 32 : 128;
    // `::ffff:10.0.0.0/104` is 10.0.0.0/8: the 96 bits of the mapping are gone.
    const mapped = family === 'ipv4' && !isIPv4(base) ? 96 : 0;
    const prefix = bits === undefined ? width : Number(bits) - mapped;
    if (prefix < 0 || prefix > width) throw notRange(text);
    this.#list.addSubnet(address, prefix, family);
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

function notRange(text: string): RangeError {
  return new RangeError(`“${text}” is neither an IP address nor a range like 10.0.0.0/8 or 2001:db8::/32.`);
}
