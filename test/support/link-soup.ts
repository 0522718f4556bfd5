/** Bytes that are nearly the link's: what both of its ends must survive. */
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { FrameError, FrameReader, FrameWriter, frameTypes } from '../../src/protocol/frame.ts';
import type { Pseudonym } from '../../src/protocol/ids.ts';
import { LinkClient } from '../../src/proxy/link/link-client.ts';
import { decodeStreamSlowly, type PlainFrame } from './reference-frame-codec.ts';

/** Of one frame, in the soup: small, so that the bound is met. */
const soupFrameBytes = 512;

const texts = [
  ...['', '{}', '[]', 'null', '0', '{', '"', '\ufeff{}', '{"seq":1}', '{"head":3,"snapshot":null}'],
  ...[
    '{"code":"move_illegal","reason":"No."}',
    '{"code":7}',
    '{"reason":"restart","text":"Bye."}',
    '{"__proto__":{"polluted":1}}',
  ],
  ...[
    '{"epoch":1,"members":[{"id":"a","address":"x"}],"self":"a"}',
    '{"match":"m_1","online":[0,9]}',
    '{"epoch":1e999}',
  ],
];

const payload = fc.oneof(
  fc.constantFrom(...texts).map((text) => Buffer.from(text)),
  fc.constantFrom(...texts).map((text) => Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(text)])),
  fc.uint8Array({ maxLength: 40 }),
);

const frame = fc
  .record({
    type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...Object.values(frameTypes)) }, fc.nat(255)),
    flags: fc.oneof(fc.nat(1), fc.nat(255)),
    channel: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(0xffffffff)),
    tag: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(0xffffffff)),
    payload,
  })
  .map(({ payload: body, ...header }) => {
    const writer = new FrameWriter({ firstSize: 64 });
    writer.push(header, body);
    return writer.take() ?? new Uint8Array();
  });

/** A frame whose announced length is another than it has, or bytes that are none. */
const broken = fc.oneof(
  fc.tuple(frame, fc.oneof(fc.nat(40), fc.nat(0xffffffff))).map(([bytes, length]) => {
    const copy = Uint8Array.from(bytes);
    new DataView(copy.buffer).setUint32(0, length);
    return copy;
  }),
  fc.uint8Array({ maxLength: 20 }),
);

/** A stream, cut into chunks anywhere. */
export const linkSoup: fc.Arbitrary<readonly Uint8Array[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 8, arbitrary: frame }, { weight: 1, arbitrary: broken }), { maxLength: 8 }),
    fc.array(fc.nat(40), { maxLength: 6 }),
  )
  .map(([parts, cuts]) => {
    let rest: Uint8Array = Buffer.concat(parts);
    const chunks: Uint8Array[] = [];
    for (const cut of cuts) {
      chunks.push(rest.slice(0, cut));
      rest = rest.slice(cut);
    }
    return [...chunks, rest];
  });

/**
 * Decodes a stream, and compares with the slow reference: the same frames, and the same end. Gives the end.
 * @throws Error when something differs
 */
export function readLinkSoup(chunks: readonly Uint8Array[]): 'whole' | 'unfinished' | FrameError['code'] {
  const reader = new FrameReader({ maxFrame: soupFrameBytes });
  const frames: PlainFrame[] = [];
  let fault: FrameError['code'] | undefined;
  try {
    for (const chunk of chunks) {
      for (const { payload: body, ...header } of reader.push(chunk)) {
        frames.push({ ...header, payload: Buffer.from(body).toString('hex') });
      }
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    fault = error.code;
  }
  const expected = decodeStreamSlowly(Buffer.concat(chunks).toString('hex'), soupFrameBytes);
  if (JSON.stringify(frames) !== JSON.stringify(expected.frames)) throw new Error('other frames');
  if (fault !== expected.fault) throw new Error(`${fault} rather than ${expected.fault}`);
  if (fault === undefined && reader.held !== expected.held) throw new Error(`holds ${reader.held}`);
  return fault ?? (reader.held === 0 ? 'whole' : 'unfinished');
}

/** The backend's end: what is written to it is let go. */
class Pipe extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

const pseudonym = `y_${'A'.repeat(22)}` as Pseudonym;
const silent = { info() {}, warn() {} };
const hello = JSON.stringify({ version: 1, role: 'backend', instance: 'soup' });

/**
 * Gives a proxy's end of the link a stream from a backend, while it has a channel, a subscription and a request open. At worst that
 * costs the connection. Gives what became of it. @throws Error when more than that happens
 */
export async function feedLinkSoup(chunks: readonly Uint8Array[]): Promise<'up' | 'ended'> {
  const pipe = new Pipe();
  const link = new LinkClient({ dial: async () => pipe, logger: silent, random: () => 0.999 });
  try {
    const channel = link.openChannel({ pseudonym, notice() {}, reopened() {} });
    let answers = 0;
    const answered = () => {
      answers += 1;
    };
    link.request({
      channel,
      method: 'match.list',
      body: '{}',
      asker: { replied: answered, refused: answered, elsewhere: answered },
    });
    link.subscribe({
      match: 'm_0123456789abcdef' as never,
      audience: 'all',
      after: () => 0,
      event: (_seq, _body, { asker }) => asker?.replied({ text: '{}', namesPlayers: false }),
      subscribed() {},
      presence() {},
    });
    link.start();
    await Promise.resolve();
    const writer = new FrameWriter();
    writer.push({ type: frameTypes.hello, flags: 0, channel: 0, tag: 0 }, hello);
    pipe.emit('data', Buffer.from(writer.take() ?? []));
    for (const chunk of chunks) pipe.emit('data', Buffer.from(chunk));
    if (answers > 1) throw new Error(`one request was answered ${answers} times`);
    if (Object.keys(Object.prototype).length > 0) throw new Error('the prototype of all objects has changed');
    return link.state === 'up' ? 'up' : 'ended';
  } finally {
    link.close();
    pipe.destroy();
    // A turn of the event loop, in which timers run: promises alone would keep all of them waiting.
    await turn();
  }
}
