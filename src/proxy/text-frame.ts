const textOpcode = 0x1;
const finalFragment = 0x80;

/**
 * A text message as it leaves a server (RFC 6455 section 5.2): one final frame, no mask. Made once, and written as it is to every
 * socket that gets it.
 */
export class TextFrame {
  readonly bytes: Buffer;
  /** The message alone; a view into `bytes`. */
  readonly payload: Buffer;

  /** Of the pieces of one message, which together are UTF-8. */
  constructor(...pieces: readonly (string | Uint8Array)[]) {
    let length = 0;
    for (const piece of pieces) length += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const bytes = Buffer.allocUnsafe(start + length);
    bytes[0] = finalFragment | textOpcode;
    if (start === 2) bytes[1] = length;
    else if (start === 4) {
      bytes[1] = 126;
      bytes.writeUInt16BE(length, 2);
    } else {
      bytes[1] = 127;
      bytes.writeUInt32BE(0, 2);
      bytes.writeUInt32BE(length, 6);
    }
    let at = start;
    for (const piece of pieces) {
      if (typeof piece === 'string') at += bytes.write(piece, at);
      else {
        bytes.set(piece, at);
        at += piece.length;
      }
    }
    this.bytes = bytes;
    this.payload = bytes.subarray(start);
  }

  /** Bytes that it takes on the wire. */
  get length(): number {
    return this.bytes.length;
  }
}
