import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { TextFrame } from '../../../src/proxy/text-frame.ts';

/** The types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** What a client of `ws` reads out of bytes that a server wrote. */
async function read(bytes: Uint8Array): Promise<string[]> {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    texts.push(isBinary ? 'binary' : data.toString()),
  );
  await new Promise<void>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.write(bytes, () => resolve());
  });
  return texts;
}

describe('a text frame', () => {
  it('is the one of RFC 6455 section 5.7', () => {
    expect(new TextFrame('Hello').bytes.toString('hex')).toBe('810548656c6c6f');
  });

  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('carries %i bytes', async (length) => {
    const text = 'x'.repeat(length);
    const frame = new TextFrame(text);
    expect(await read(frame.bytes)).toEqual([text]);
    expect(frame.payload.toString()).toBe(text);
    expect(frame.length).toBe(frame.bytes.length);
  });

  it('reads as its pieces put together, text or bytes, whatever is in them', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }).map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 4 }), async (pieces) => {
        const frame = new TextFrame(...pieces);
        expect(await read(frame.bytes)).toEqual([pieces.join('')]);
      }),
    );
  });

  it('stands beside another one without a seam', async () => {
    const frames = [new TextFrame('one'), new TextFrame('x'.repeat(300)), new TextFrame('three')];
    expect(await read(Buffer.concat(frames.map(({ bytes }) => bytes)))).toEqual([
      'one',
      'x'.repeat(300),
      'three',
    ]);
  });
});
