import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type BytePeer, ByteRelay } from '../../../src/process/byte-relay.ts';

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Keeps what it is sent; how much waits, the test says. */
class FakePeer implements BytePeer {
  readonly messages: Buffer[] = [];
  bufferedAmount = 0;
  isPaused = false;
  #drained: (() => void)[] = [];

  sendBytes(bytes: Uint8Array): void {
    this.messages.push(Buffer.from(bytes));
  }

  whenDrained(callback: () => void): void {
    this.#drained.push(callback);
  }

  drain(): void {
    this.bufferedAmount = 0;
    for (const callback of this.#drained.splice(0)) callback();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  get hasEnd(): boolean {
    return this.messages.at(-1)?.length === 0;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.messages);
  }
}

/** A relay between a fake peer and a program at the other end of a TCP connection. */
async function setUp({ messageBytes = 1_000, waitingBytes = 4_000 } = {}) {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const program = connect({ port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  open.push(program, socket);
  const errors: Error[] = [];
  program.on('error', (error) => errors.push(error));
  const peer = new FakePeer();
  const moved = { in: 0, out: 0 };
  const ends: string[] = [];
  const ended = Promise.withResolvers<string>();
  const relay = new ByteRelay({
    ...{ socket, peer, messageBytes, waitingBytes },
    onMoved: (direction, bytes) => {
      moved[direction] += bytes;
    },
    onEnd: (how) => {
      ends.push(how);
      ended.resolve(how);
    },
  });
  return { relay, peer, program, socket, moved, ends, ended: ended.promise, errors };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

describe('a relay of bytes', () => {
  it('ends each direction by itself, whichever ends first', async () => {
    const { relay, peer, program, ends, ended } = await setUp();
    program.end('all that I have');
    await until(() => peer.hasEnd);
    expect(peer.bytes.toString()).toBe('all that I have');
    expect(relay.state).toBe('open');
    const heard = all(program);
    expect(relay.receive(Buffer.from('not all of mine'))).toBe(true);
    expect(relay.receive(Buffer.alloc(0))).toBe(true);
    expect((await heard).toString()).toBe('not all of mine');
    expect(await ended).toBe('done');
    expect([relay.state, ends]).toEqual(['done', ['done']]);
  });

  it('takes nothing after the end of a direction', async () => {
    const { relay } = await setUp();
    relay.receive(Buffer.alloc(0));
    expect([relay.receive(Buffer.from('more')), relay.receive(Buffer.alloc(0))]).toEqual([false, false]);
  });

  it('brings one message by one write, and one read by one message of the length that is allowed', async () => {
    const { relay, peer, program } = await setUp({ messageBytes: 1_000 });
    program.write(Buffer.alloc(2_500, 'x'));
    await until(() => peer.bytes.length === 2_500);
    expect(Math.max(...peer.messages.map(({ length }) => length))).toBe(1_000);
    const reads: string[] = [];
    program.on('data', (chunk: Buffer) => {
      reads.push(chunk.toString());
    });
    for (const move of ['1', '22', '3']) {
      const before = reads.length;
      relay.receive(Buffer.from(move));
      await until(() => reads.length > before);
    }
    expect(reads).toEqual(['1', '22', '3']);
  });

  it('reads no more from the program while too much waits in the peer', async () => {
    const { peer, program, moved } = await setUp({ waitingBytes: 100 });
    peer.bufferedAmount = 101;
    program.end(Buffer.alloc(8_000_000, 'x'));
    await until(() => moved.out > 0);
    const { out } = moved;
    await new Promise((resolve) => setTimeout(resolve, 50));
    // What one read gave, and nothing since.
    expect(moved.out).toBe(out);
    expect(out).toBeLessThanOrEqual(65_536);
    peer.drain();
    await until(() => peer.hasEnd);
    expect(moved.out).toBe(8_000_000);
  });

  it('holds the peer up while the program takes nothing, and lets it go on', async () => {
    const { relay, peer, program, socket } = await setUp();
    program.pause();
    const message = Buffer.alloc(65_536, 'y');
    let sent = 0;
    for (; !peer.isPaused; sent += message.length) {
      relay.receive(message);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(socket.writableLength).toBeLessThanOrEqual(2 * message.length);
    const heard = all(program);
    await until(() => !peer.isPaused);
    relay.receive(Buffer.alloc(0));
    expect((await heard).length).toBe(sent);
  });

  it('is broken when the program resets, and resets it when it is told to', async () => {
    const first = await setUp();
    first.program.resetAndDestroy();
    expect(await first.ended).toBe('broken');
    const second = await setUp();
    second.relay.reset();
    await until(() => second.errors.length > 0);
    expect(second.errors[0]).toMatchObject({ code: 'ECONNRESET' });
    // Who resets knows already.
    expect([second.relay.state, second.ends]).toEqual(['broken', []]);
  });

  it('is broken when the program goes after one end only', async () => {
    const { relay, program, ended } = await setUp();
    relay.receive(Buffer.alloc(0));
    await once(program.resume(), 'end');
    program.resetAndDestroy();
    expect(await ended).toBe('broken');
  });

  it('carries whatever is sent, in whatever pieces, whichever side is held up when', async () => {
    const piece = fc.record({
      from: fc.constantFrom('program', 'peer'),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
      heldUp: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const { relay, peer, program, ended } = await setUp({ waitingBytes: 10 });
        const heard = all(program);
        for (const { from, bytes, heldUp } of pieces) {
          if (heldUp) peer.bufferedAmount = 11;
          if (from === 'program') program.write(bytes);
          else relay.receive(bytes);
          if (heldUp) setImmediate(() => peer.drain());
        }
        program.end();
        relay.receive(Buffer.alloc(0));
        const sent = (by: string) =>
          Buffer.concat(pieces.flatMap(({ from, bytes }) => (from === by ? [bytes] : [])));
        const drained = setInterval(() => peer.drain(), 1);
        expect(await ended).toBe('done');
        clearInterval(drained);
        expect(peer.bytes.equals(sent('program'))).toBe(true);
        expect((await heard).equals(sent('peer'))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
