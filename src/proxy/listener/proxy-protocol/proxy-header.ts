/**
 * The PROXY protocol (HAProxy's specification, versions 1 and 2): a header before everything else on a connection, in
 * which a load balancer says whose connection it is. Version 1 is read too, because nginx sends nothing else for TCP.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../../process/addresses/canonical-address.ts';

export type ProxyHeader =
  /** Nothing wrong so far. */
  | { readonly kind: 'incomplete' }
  /** `client` in canonical form; `undefined` when the sender speaks for itself (LOCAL, UNKNOWN, AF_UNSPEC). */
  | { readonly kind: 'header'; readonly client: string | undefined; readonly length: number }
  | { readonly kind: 'invalid'; readonly why: string };

/** The longest header that is read, in bytes. The specification promises senders that 536 arrive in one piece. */
export const longestProxyHeader = 536;

const incomplete: ProxyHeader = { kind: 'incomplete' };
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const v1Start = Buffer.from('PROXY ', 'latin1');
const longestV1 = 107;
const v2FixedBytes = 16;

/** Reads the header at the start of `bytes`. Total: any bytes give an answer, and at most 536 of them are looked at. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsAlike(bytes, signature)) return readV2(bytes);
  if (startsAlike(bytes, v1Start)) return readV1(bytes);
  return invalid('it does not begin like a PROXY header');
}

/** True as long as both agree, however few bytes have come. */
function startsAlike(bytes: Buffer, start: Buffer): boolean {
  const common = Math.min(bytes.length, start.length);
  return bytes.subarray(0, common).equals(start.subarray(0, common));
}

const commands = { local: 0, proxy: 1 } as const;
/** Address family and transport, with the bytes of two addresses and two ports. */
const families = { unspecified: 0x00, tcp4: 0x11, tcp6: 0x21 } as const;
const addressBytes = { tcp4: 4, tcp6: 16 } as const;

function readV2(bytes: Buffer): ProxyHeader {
  if (bytes.length > 12 && bytes.readUInt8(12) >> 4 !== 2) return invalid('its version is not 2');
  if (bytes.length < v2FixedBytes) return incomplete;
  const command = bytes.readUInt8(12) & 0x0f;
  const family = bytes.readUInt8(13);
  const length = v2FixedBytes + bytes.readUInt16BE(14);
  if (length > longestProxyHeader) return invalid('it is longer than 536 bytes');
  if (command === commands.local) return whole(bytes, length, undefined);
  if (command !== commands.proxy) return invalid('its command is neither LOCAL nor PROXY');
  switch (family) {
    case families.unspecified:
      return whole(bytes, length, undefined);
    case families.tcp4:
      return withSource(bytes, length, addressBytes.tcp4);
    case families.tcp6:
      return withSource(bytes, length, addressBytes.tcp6);
    default:
      return invalid('it is not about a TCP connection');
  }
}

/** What follows the addresses (type-length-value fields) is passed over unread. */
function withSource(bytes: Buffer, length: number, size: number): ProxyHeader {
  if (length < v2FixedBytes + 2 * size + 4) return invalid('it is too short for its addresses');
  if (bytes.length < length) return incomplete;
  const source = bytes.subarray(v2FixedBytes, v2FixedBytes + size);
  const text = size === addressBytes.tcp4 ? source.join('.') : groupsOf(source).join(':');
  return whole(bytes, length, canonicalAddress(text));
}

function groupsOf(address: Buffer): string[] {
  return Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16));
}

const v1Line = /^PROXY (TCP4|TCP6) ([\d.:A-Fa-f]+) ([\d.:A-Fa-f]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;

function readV1(bytes: Buffer): ProxyHeader {
  const text = bytes.toString('latin1', 0, longestV1);
  const end = text.indexOf('\r\n');
  if (end === -1) return text.length === longestV1 ? invalid('its line is too long') : incomplete;
  const line = text.slice(0, end);
  const length = end + 2;
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return whole(bytes, length, undefined);
  const [, family, source = '', destination = '', ...ports] = v1Line.exec(line) ?? [];
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (family === undefined || !isAddress(source) || !isAddress(destination)) {
    return invalid('its line names no TCP connection');
  }
  if (ports.some((port) => Number(port) > 65_535)) return invalid('its line has a port that is none');
  return whole(bytes, length, canonicalAddress(source));
}

function whole(bytes: Buffer, length: number, client: string | undefined): ProxyHeader {
  return bytes.length < length ? incomplete : { kind: 'header', client, length };
}

function invalid(why: string): ProxyHeader {
  return { kind: 'invalid', why };
}
