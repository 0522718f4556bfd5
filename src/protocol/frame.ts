/**
 * The link's unit: a fixed header and a payload. LINK.md is the contract; this file is its codec.
 *
 *   0       4       5       6           10          14
 *   +-------+-------+-------+-----------+-----------+----------------
 *   | length| type  | flags | channel   | tag       | payload …
 *   | u32be | u8    | u8    | u32be     | u32be     | length - 10 bytes
 *   +-------+-------+-------+-----------+-----------+----------------
 *
 * `length` counts what follows it. It is checked against the limit before a byte of the frame is kept.
 */
import { limits } from './limits.ts';

export const frameTypes = {
  hello: 1,
  ping: 2,
  pong: 3,
  goAway: 4,
  openChannel: 5,
  closeChannel: 6,
  request: 7,
  reply: 8,
  refusal: 9,
  subscribe: 10,
  subscribed: 11,
  unsubscribe: 12,
  event: 13,
  presence: 14,
  notice: 15,
  elsewhere: 16,
  members: 17,
  trace: 128,
} as const;

export type FrameType = keyof typeof frameTypes;

/** A type number from here up may be ignored by a side that does not know it; an unknown one below may not. */
export const firstOptionalType = 128;

export const frameFlags = {
  /** The payload's JSON names players by pseudonym; the proxy puts display names in their place. */
  namesPlayers: 1,
} as const;

export interface FrameHeader {
  /** A number of `frameTypes`, or an unknown one. */
  readonly type: number;
  readonly flags: number;
  /** The lane of one signed-in socket; 0 is the connection itself. */
  readonly channel: number;
  /** A request or subscription number, by type. */
  readonly tag: number;
}

export interface Frame extends FrameHeader {
  /** A view into the chunk that carried it: copy it to keep it. */
  readonly payload: Uint8Array;
}

const headerBytes = 14;
const lengthBytes = 4;
const afterLength = headerBytes - lengthBytes;

export type FrameErrorCode = 'frame_too_large' | 'frame_too_small';

/** The peer broke the framing; the connection cannot go on. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code: FrameErrorCode;

  constructor(code: FrameErrorCode, length: number, most: number) {
    super(
      code === 'frame_too_large'
        ? `A frame announces ${length} bytes; ${most} is the most.`
        : `A frame announces ${length} bytes; a header alone has ${headerBytes}.`,
    );
    this.code = code;
  }
}

const encoder = new TextEncoder();

/**
 * Collects the frames of one event-loop turn in one buffer, so that they leave in one write.
 * The buffer grows by doubling and is used again after `take`, which gives a copy of no more than what was collected.
 */
export class FrameWriter {
  #buffer: Uint8Array;
  #view: DataView;
  #used = 0;
  readonly #firstSize: number;
  readonly #keptSize: number;
  readonly #maxFrame: number;

  constructor({ firstSize = 4096, keptSize = 64 * 1024, maxFrame = limits.frameBytes as number } = {}) {
    this.#firstSize = firstSize;
    this.#keptSize = keptSize;
    this.#maxFrame = maxFrame;
    this.#buffer = new Uint8Array(firstSize);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes collected since the last `take`. */
  get pending(): number {
    return this.#used;
  }

  /** @throws FrameError `frame_too_large`; what was collected before stays as it was. */
  push(header: FrameHeader, payload: string | Uint8Array = ''): void {
    const start = this.#used;
    const most = typeof payload === 'string' ? payload.length * 3 : payload.length;
    this.#reserve(headerBytes + most);
    const body = start + headerBytes;
    let size: number;
    if (typeof payload === 'string') {
      size = encoder.encodeInto(payload, this.#buffer.subarray(body)).written;
    } else {
      this.#buffer.set(payload, body);
      size = payload.length;
    }
    if (headerBytes + size > this.#maxFrame) {
      throw new FrameError('frame_too_large', headerBytes + size, this.#maxFrame);
    }
    this.#view.setUint32(start, afterLength + size);
    this.#view.setUint8(start + 4, header.type);
    this.#view.setUint8(start + 5, header.flags);
    this.#view.setUint32(start + 6, header.channel);
    this.#view.setUint32(start + 10, header.tag);
    this.#used = body + size;
  }

  /** Gives what was collected and starts anew, or `undefined` when there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#used === 0) return undefined;
    const whole = this.#buffer.slice(0, this.#used);
    this.#used = 0;
    // One that a burst has made large is not held for ever.
    if (this.#buffer.length > this.#keptSize) {
      this.#buffer = new Uint8Array(this.#firstSize);
      this.#view = new DataView(this.#buffer.buffer);
    }
    return whole;
  }

  #reserve(more: number): void {
    const needed = this.#used + more;
    if (needed <= this.#buffer.length) return;
    let size = this.#buffer.length;
    while (size < needed) size *= 2;
    const larger = new Uint8Array(size);
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Cuts a byte stream into frames, whatever the chunks are. Keeps at most one unfinished frame. */
export class FrameReader {
  #rest: Uint8Array = new Uint8Array(0);
  readonly #maxFrame: number;

  constructor({ maxFrame = limits.frameBytes as number } = {}) {
    this.#maxFrame = maxFrame;
  }

  /** Bytes of the unfinished frame that are held. */
  get held(): number {
    return this.#rest.length;
  }

  /**
   * Gives the frames that `chunk` completes, in order.
   * @throws FrameError when a length is impossible; the frames before it have been given.
   */
  *push(chunk: Uint8Array): Generator<Frame, void, undefined> {
    const bytes = this.#rest.length === 0 ? chunk : join(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.length - at >= lengthBytes) {
      const length = view.getUint32(at);
      if (length < afterLength) throw new FrameError('frame_too_small', lengthBytes + length, headerBytes);
      if (lengthBytes + length > this.#maxFrame) {
        throw new FrameError('frame_too_large', lengthBytes + length, this.#maxFrame);
      }
      const end = at + lengthBytes + length;
      if (end > bytes.length) break;
      yield {
        type: view.getUint8(at + 4),
        flags: view.getUint8(at + 5),
        channel: view.getUint32(at + 6),
        tag: view.getUint32(at + 10),
        payload: bytes.subarray(at + headerBytes, end),
      };
      at = end;
    }
    // A copy, so that a few left-over bytes do not keep a large chunk alive.
    this.#rest = at === bytes.length ? new Uint8Array(0) : bytes.slice(at);
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
