import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameError, FrameReader, FrameWriter, frameTypes } from '../../../src/protocol/frame.ts';
import { linkSoup, readLinkSoup } from '../../support/link-soup.ts';
import {
  decodeFramesSlowly,
  encodeFrameSlowly,
  type PlainFrame,
} from '../../support/reference-frame-codec.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const plain = (frame: Frame): PlainFrame => ({ ...frame, payload: hex(frame.payload) });
const readAll = (reader: FrameReader, chunks: Iterable<Uint8Array>) => {
  const frames: PlainFrame[] = [];
  for (const chunk of chunks) for (const frame of reader.push(chunk)) frames.push(plain(frame));
  return frames;
};

/** Written by hand from LINK.md, not by the codec. */
const vectors = [
  {
    name: 'an empty ping',
    bytes: '0000000a 02 00 00000000 00000007',
    frame: { type: 2, flags: 0, channel: 0, tag: 7, payload: '' },
  },
  {
    name: 'a request with a JSON payload',
    bytes: '0000000c 07 05 00000102 ffffffff 7b7d',
    frame: { type: 7, flags: 5, channel: 258, tag: 4294967295, payload: '7b7d' },
  },
  {
    name: 'an event: sequence, then text outside ASCII',
    bytes: '00000011 0d 01 00000000 00000001 00000003 e282ac',
    frame: { type: 13, flags: 1, channel: 0, tag: 1, payload: '00000003e282ac' },
  },
  {
    name: 'an unknown optional type',
    bytes: '0000000b ff ff 80000000 00000000 00',
    frame: { type: 255, flags: 255, channel: 2 ** 31, tag: 0, payload: '00' },
  },
];

const frames = fc.record({
  type: fc.nat(255),
  flags: fc.nat(255),
  channel: fc.nat(0xffffffff),
  tag: fc.nat(0xffffffff),
  payload: fc.uint8Array({ maxLength: 300 }),
});

describe('link frames', () => {
  it.each(vectors)('reads $name', ({ bytes, frame }) => {
    expect(readAll(new FrameReader(), [fromHex(bytes)])).toEqual([frame]);
  });

  it.each(vectors)('writes $name', ({ bytes, frame }) => {
    const writer = new FrameWriter();
    writer.push(frame, fromHex(frame.payload));
    expect(hex(writer.take() ?? new Uint8Array())).toBe(bytes.replaceAll(' ', ''));
  });

  it('reads all vectors byte by byte', () => {
    const stream = fromHex(vectors.map((vector) => vector.bytes).join(''));
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    expect(readAll(new FrameReader(), bytes)).toEqual(vectors.map((vector) => vector.frame));
  });

  it('agrees with a slow reference codec, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(frames, { maxLength: 20 }),
        fc.array(fc.nat(200), { maxLength: 60 }),
        (list, cuts) => {
          const writer = new FrameWriter({ firstSize: 16 });
          for (const frame of list) writer.push(frame, frame.payload);
          const stream = writer.take() ?? new Uint8Array();
          expect(hex(stream)).toBe(list.map(encodeFrameSlowly).join(''));

          const chunks: Uint8Array[] = [];
          let rest = stream;
          for (const cut of cuts) {
            chunks.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          const reader = new FrameReader();
          expect(readAll(reader, [...chunks, rest])).toEqual(decodeFramesSlowly(hex(stream)));
          expect(reader.held).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('encodes text as UTF-8 of the right length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const writer = new FrameWriter({ firstSize: 16 });
        writer.push({ type: frameTypes.reply, flags: 0, channel: 1, tag: 2 }, text);
        const [frame] = readAll(new FrameReader(), [writer.take() ?? new Uint8Array()]);
        expect(frame?.payload).toBe(Buffer.from(text).toString('hex'));
      }),
    );
  });

  it('collects the frames of a turn into one buffer and then starts anew', () => {
    const writer = new FrameWriter();
    for (let tag = 1; tag <= 1000; tag += 1) writer.push({ type: 7, flags: 0, channel: 1, tag }, '{"a":1}');
    const bytes = writer.take();
    expect(bytes?.length).toBe(1000 * 21);
    expect(writer.take()).toBeUndefined();
    writer.push({ type: 2, flags: 0, channel: 0, tag: 0 });
    expect(writer.pending).toBe(14);
  });

  it('never changes what it has given, however it goes on', () => {
    const writer = new FrameWriter({ firstSize: 32, keptSize: 64 });
    const header = { type: 1, flags: 0, channel: 1, tag: 1 };
    const given: { readonly bytes: Uint8Array; readonly before: string }[] = [];
    for (const payload of ['a', 'b'.repeat(500), 'c', 'd'.repeat(40), '']) {
      writer.push(header, payload);
      const bytes = writer.take() ?? new Uint8Array();
      given.push({ bytes, before: hex(bytes) });
    }
    expect(given.map(({ bytes }) => hex(bytes))).toEqual(given.map(({ before }) => before));
    expect(given.map(({ bytes }) => bytes.length)).toEqual([15, 514, 15, 54, 14]);
  });
});

describe('link frames that break the contract', () => {
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof FrameError) return error.code;
      throw error;
    }
    return undefined;
  };

  it('refuses an announced length over the limit before any of its bytes arrive', () => {
    const reader = new FrameReader({ maxFrame: 1024 });
    expect(code(() => readAll(reader, [fromHex('000003fd')]))).toBe('frame_too_large');
    expect(code(() => readAll(new FrameReader(), [fromHex('ffffffff')]))).toBe('frame_too_large');
  });

  it('takes a frame of exactly the limit', () => {
    const writer = new FrameWriter({ maxFrame: 1024 });
    writer.push({ type: 1, flags: 0, channel: 0, tag: 0 }, new Uint8Array(1010));
    expect(code(() => writer.push({ type: 1, flags: 0, channel: 0, tag: 0 }, new Uint8Array(1011)))).toBe(
      'frame_too_large',
    );
    expect(readAll(new FrameReader({ maxFrame: 1024 }), [writer.take() ?? new Uint8Array()])).toHaveLength(1);
  });

  it('refuses a length that cannot hold a header', () => {
    for (const length of ['00000000', '00000009']) {
      expect(code(() => readAll(new FrameReader(), [fromHex(length)]))).toBe('frame_too_small');
    }
  });

  it('gives the good frames before a bad one', () => {
    const seen: PlainFrame[] = [];
    const stream = fromHex(`${vectors[0]?.bytes}00000001`);
    expect(
      code(() => {
        for (const frame of new FrameReader().push(stream)) seen.push(plain(frame));
      }),
    ).toBe('frame_too_small');
    expect(seen).toEqual([vectors[0]?.frame]);
  });

  it('holds no more than one unfinished frame, and no chunk beyond it', () => {
    const reader = new FrameReader({ maxFrame: 1024 });
    const chunk = new Uint8Array(64 * 1024);
    const view = new DataView(chunk.buffer);
    for (let at = 0; at + 14 <= chunk.length; at += 14) view.setUint32(at, 10);
    for (const _ of reader.push(chunk));
    expect(reader.held).toBe((64 * 1024) % 14);
  });

  it('agrees with the slow reference on streams that break off or break the contract, however they are cut', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(linkSoup, (chunks) => {
        ends.add(readLinkSoup(chunks));
      }),
      { numRuns: 5_000 },
    );
    expect([...ends].sort()).toEqual(['frame_too_large', 'frame_too_small', 'unfinished', 'whole']);
  });

  it('never throws anything but a FrameError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        code(() => readAll(new FrameReader({ maxFrame: 4096 }), chunks));
      }),
      { numRuns: 2000 },
    );
  });
});
