import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * An IP address in the one form in which addresses are compared and counted here: IPv4 dotted, IPv6 as RFC 5952 has it, an
 * IPv4 address that came mapped into IPv6 as IPv4, no zone. `undefined` for anything else.
 */
export function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf('%');
  const { address } = new SocketAddress({
    family: 'ipv6',
    address: zone === -1 ? text : text.slice(0, zone),
  });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}
