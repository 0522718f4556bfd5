/** The frame layout of LINK.md in hex strings: slow, and written apart from the real codec, to compare with it. */
export interface PlainFrame {
  readonly type: number;
  readonly flags: number;
  readonly channel: number;
  readonly tag: number;
  /** Hex digits. */
  readonly payload: string;
}

const hexNumber = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0');

export function encodeFrameSlowly(frame: Omit<PlainFrame, 'payload'> & { payload: Uint8Array }): string {
  const payload = Array.from(frame.payload, (byte) => hexNumber(byte, 1)).join('');
  const rest =
    hexNumber(frame.type, 1) +
    hexNumber(frame.flags, 1) +
    hexNumber(frame.channel, 4) +
    hexNumber(frame.tag, 4) +
    payload;
  return hexNumber(rest.length / 2, 4) + rest;
}

export function decodeFramesSlowly(hex: string): PlainFrame[] {
  const match = /^(.{8})(.*)$/.exec(hex);
  if (match?.[1] === undefined || match[2] === undefined) return [];
  const digits = Number.parseInt(match[1], 16) * 2;
  const body = match[2].slice(0, digits);
  const number = (from: number, to: number) => Number.parseInt(body.slice(from, to), 16);
  const frame = {
    type: number(0, 2),
    flags: number(2, 4),
    channel: number(4, 12),
    tag: number(12, 20),
    payload: body.slice(20),
  };
  return [frame, ...decodeFramesSlowly(match[2].slice(digits))];
}

/** What a stream of frames is worth, in hex digits: the frames, and its end. */
export interface PlainStream {
  readonly frames: readonly PlainFrame[];
  readonly fault: 'frame_too_large' | 'frame_too_small' | undefined;
  /** Bytes of an unfinished frame. */
  readonly held: number;
}

/** Reads up to the first length that cannot be. `most`: bytes of one frame. */
export function decodeStreamSlowly(hex: string, most: number): PlainStream {
  const frames: PlainFrame[] = [];
  let rest = hex;
  while (rest.length >= 8) {
    const length = Number.parseInt(rest.slice(0, 8), 16);
    if (length < 10) return { frames, fault: 'frame_too_small', held: 0 };
    if (length + 4 > most) return { frames, fault: 'frame_too_large', held: 0 };
    const end = 8 + length * 2;
    if (rest.length < end) break;
    frames.push(...decodeFramesSlowly(rest.slice(0, end)));
    rest = rest.slice(end);
  }
  return { frames, fault: undefined, held: rest.length / 2 };
}
