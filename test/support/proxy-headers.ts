/** Makes headers of the PROXY protocol, right and wrong ones. */
import { isIPv4 } from 'node:net';
import fc from 'fast-check';

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

export interface HeaderWishes {
  readonly versionAndCommand?: number;
  readonly family?: number;
  /** Addresses, ports and fields behind them. */
  readonly body?: Uint8Array;
  /** Announced, whatever the body's is. */
  readonly length?: number;
}

export function proxyHeaderV2({
  versionAndCommand = 0x21,
  family = 0x11,
  body = new Uint8Array(),
  length = body.length,
}: HeaderWishes): Buffer {
  const fixed = Buffer.alloc(16);
  signature.copy(fixed);
  fixed.writeUInt8(versionAndCommand, 12);
  fixed.writeUInt8(family, 13);
  fixed.writeUInt16BE(length, 14);
  return Buffer.concat([fixed, body]);
}

/** What a load balancer writes in front of a connection of this client. `fields` follow the addresses. */
export function proxyHeaderFor(client: string, fields: Uint8Array = new Uint8Array()): Buffer {
  const source = addressBytes(client);
  const target = isIPv4(client) ? addressBytes('192.0.2.254') : addressBytes('2001:db8::fe');
  const ports = Buffer.from([0xc0, 0x01, 0x20, 0xfb]);
  return proxyHeaderV2({
    family: isIPv4(client) ? 0x11 : 0x21,
    body: Buffer.concat([source, target, ports, fields]),
  });
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const bytes = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  return bytes;
}

const v2Bytes = fc
  .record({
    versionAndCommand: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0x20, 0x21) }, fc.nat(255)),
    family: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0x00, 0x11, 0x21, 0x31, 0x12) }, fc.nat(255)),
    body: fc.uint8Array({ maxLength: 60 }),
    length: fc.option(fc.oneof(fc.nat(60), fc.nat(65_535)), { nil: undefined, freq: 4 }),
  })
  .map(({ length, ...wishes }) => proxyHeaderV2(length === undefined ? wishes : { ...wishes, length }));

const v1Bytes = fc
  .record({
    family: fc.constantFrom('TCP4', 'TCP6', 'UNKNOWN', 'UDP4', 'tcp4'),
    source: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('::ffff:1.2.3.4', 'fe80::1%1', '1.2.3.04', '')),
    target: fc.oneof(fc.ipV4(), fc.ipV6()),
    ports: fc.tuple(fc.integer({ min: -1, max: 70_000 }), fc.constantFrom('80', '080', '', '65535', '1e3')),
    end: fc.constantFrom('\r\n', '\n', '\r', '', ' \r\n'),
  })
  .map(({ family, source, target, ports, end }) =>
    Buffer.from(`PROXY ${family} ${source} ${target} ${ports.join(' ')}${end}`, 'latin1'),
  );

/** Bytes at the start of a connection: mostly nearly a header, sometimes with a byte changed or missing, sometimes anything. */
export const connectionStarts = fc
  .tuple(
    fc.oneof(v2Bytes, v1Bytes, fc.uint8Array({ maxLength: 40 }).map(Buffer.from)),
    fc.uint8Array({ maxLength: 20 }),
    fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 3 }),
    fc.option(fc.nat(), { freq: 3 }),
  )
  .map(([header, rest, change, cut]) => {
    const bytes = Buffer.concat([header, rest]);
    if (change !== null && bytes.length > 0) bytes[change[0] % bytes.length] = change[1];
    return cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1));
  });
