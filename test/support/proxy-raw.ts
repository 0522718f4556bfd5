/** Bytes straight onto a TLS connection, for what no decent client would send. */
import { connect, type TLSSocket } from 'node:tls';
import type { ProxyRig } from './proxy-rig.ts';

export interface RawExchange {
  /** Everything the proxy sent until it closed, or until `until` matched. */
  readonly text: string;
  readonly bytes: Buffer;
  readonly isClosed: boolean;
}

/** Sends `input` and reads until the proxy closes, or what it sent matches `until`. */
export async function rawExchange(
  rig: Pick<ProxyRig, 'port' | 'ca'>,
  input: string | Uint8Array,
  { until }: { until?: RegExp } = {},
): Promise<RawExchange> {
  const socket = await rawSocket(rig);
  return await new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const done = (isClosed: boolean) => {
      socket.destroy();
      resolve({ text: bytes.toString('latin1'), bytes, isClosed });
    };
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      if (until?.test(bytes.toString('latin1'))) done(false);
    });
    socket.once('close', () => done(true));
    socket.write(input);
  });
}

export async function rawSocket({ port, ca }: Pick<ProxyRig, 'port' | 'ca'>): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

/** A WebSocket handshake as text; `fields` replace or add to the usual ones, an empty value removes one. */
export function upgradeText(
  fields: Readonly<Record<string, string>> = {},
  requestLine = 'GET /play HTTP/1.1',
): string {
  const all: Record<string, string> = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': 'castling.v1',
    ...fields,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  return `${requestLine}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/**
 * A client's frame (RFC 6455 section 5.2), masked with zeros. `length` announces another length than the payload has, `reserved` sets bits
 * RSV1 to RSV3, and `isMasked: false` leaves the mask out.
 */
export function clientFrame(options: {
  opcode?: number;
  fin?: boolean;
  payload?: Uint8Array;
  length?: bigint;
  reserved?: number;
  isMasked?: boolean;
}): Buffer {
  const { opcode = 1, fin = true, payload = new Uint8Array(0), length = BigInt(payload.length) } = options;
  const { reserved = 0, isMasked = true } = options;
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = Buffer.alloc(isMasked ? 4 : 0);
  const maskBit = isMasked ? 0x80 : 0;
  if (length < 126n) return Buffer.concat([Buffer.from([first, maskBit | Number(length)]), mask, payload]);
  if (length < 65_536n) {
    const header = Buffer.from([first, maskBit | 126, 0, 0]);
    header.writeUInt16BE(Number(length), 2);
    return Buffer.concat([header, mask, payload]);
  }
  const header = Buffer.alloc(10);
  header[0] = first;
  header[1] = maskBit | 127;
  header.writeBigUInt64BE(length, 2);
  return Buffer.concat([header, mask, payload]);
}

/** A frame of the server: never masked. */
export interface ServerFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
}

/** The frames behind the answer to a handshake; what is unfinished at the end is left out. */
export function serverFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  let at = bytes.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= bytes.length) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    let length = second & 0x7f;
    let start = at + 2;
    if (length === 126) {
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    if ((second & 0x80) !== 0) throw new Error('a server masked a frame');
    if (start + length > bytes.length) break;
    const payload = bytes.subarray(start, start + length);
    frames.push({ opcode: first & 0x0f, fin: (first & 0x80) !== 0, payload });
    at = start + length;
  }
  return frames;
}
