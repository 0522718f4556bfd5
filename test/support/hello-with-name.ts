/** A TLS 1.2 client that no library would be: it asks for any server name, byte for byte, and tells what it was shown. */
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';

export type Shown =
  | { readonly certificate: X509Certificate }
  /** A fatal alert's description (RFC 8446 section 6), or that the connection ended without one. */
  | { readonly alert: number | 'closed' };

/** `serverName`: what the extension carries; `undefined` for a hello without it. */
export function helloWithName(port: number, serverName: Uint8Array | undefined): Promise<Shown> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let bytes = Buffer.alloc(0);
    const done = (shown: Shown) => {
      socket.destroy();
      resolve(shown);
    };
    socket.on('error', () => {});
    socket.on('close', () => done({ alert: 'closed' }));
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const shown = readFlight(bytes);
      if (shown !== undefined) done(shown);
    });
    socket.write(clientHello(serverName));
  });
}

const contentTypes = { alert: 21, handshake: 22 } as const;
const handshakeTypes = { clientHello: 1, certificate: 11 } as const;

function clientHello(serverName: Uint8Array | undefined): Buffer {
  const extensions = [
    ...(serverName === undefined
      ? []
      : [extension(0, sized(2, Buffer.from([0]), sized(2, Buffer.from(serverName))))]),
    extension(10, sized(2, uint16(0x001d, 0x0017))),
    extension(11, sized(1, Buffer.from([0]))),
    extension(13, sized(2, uint16(0x0403, 0x0503, 0x0804))),
  ];
  const body = Buffer.concat([
    uint16(0x0303),
    Buffer.alloc(32, 0xab),
    sized(1),
    sized(2, uint16(0xc02b, 0xc02c)),
    sized(1, Buffer.from([0])),
    sized(2, ...extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([handshakeTypes.clientHello]), sized(3, body)]);
  return Buffer.concat([Buffer.from([contentTypes.handshake]), uint16(0x0301), sized(2, handshake)]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([uint16(type), sized(2, content)]);
}

function uint16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** A vector with its length in front (RFC 8446 section 3.4). */
function sized(lengthBytes: 1 | 2 | 3, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(content.length, 0, lengthBytes);
  return Buffer.concat([length, content]);
}

/** The first alert, or the leaf of the Certificate message, once one of them is whole. */
function readFlight(bytes: Buffer): Shown | undefined {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const type = bytes.readUInt8(at);
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    if (end > bytes.length) break;
    const record = bytes.subarray(at + 5, end);
    if (type === contentTypes.alert) return { alert: record.readUInt8(1) };
    messages.push(record);
    at = end;
  }
  const flight = Buffer.concat(messages);
  for (let at = 0; at + 4 <= flight.length; ) {
    const end = at + 4 + flight.readUIntBE(at + 1, 3);
    if (end > flight.length) break;
    if (flight.readUInt8(at) === handshakeTypes.certificate) {
      const length = flight.readUIntBE(at + 7, 3);
      return { certificate: new X509Certificate(flight.subarray(at + 10, at + 10 + length)) };
    }
    at = end;
  }
  return undefined;
}
