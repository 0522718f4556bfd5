import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../../src/game/link/outbox.ts';
import { FrameError, frameTypes } from '../../../../src/protocol/frame.ts';
import { limits } from '../../../../src/protocol/limits.ts';

const header = { type: frameTypes.notice, flags: 0, channel: 1, tag: 0 };

function bench(bytesMost = 1_000) {
  const writes: { length: number; taken: () => void }[] = [];
  const turns: (() => void)[] = [];
  const told: string[] = [];
  const socket = new Writable({
    write: (chunk: Buffer, _, taken) => {
      writes.push({ length: chunk.length, taken });
    },
  });
  const outbox = new Outbox({
    socket,
    bytesMost,
    afterTurn: (run) => turns.push(run),
    overflowed: () => told.push('overflowed'),
    written: () => told.push('written'),
  });
  return { outbox, writes, told, turn: () => turns.shift()?.(), turns };
}

describe('the outbox', () => {
  it('writes once a turn, and counts what the peer has not taken', async () => {
    const { outbox, writes, told, turn, turns } = bench();
    outbox.push(header, 'a');
    outbox.push(header, 'b');
    expect([writes.length, turns.length]).toEqual([0, 1]);
    turn();
    expect(writes.map(({ length }) => length)).toEqual([30]);
    expect(outbox.waiting).toBe(30);
    outbox.push(header, 'c');
    expect(outbox.waiting).toBe(45);
    writes[0]!.taken();
    await new Promise((resolve) => setImmediate(resolve));
    expect(outbox.waiting).toBe(15);
    expect(told).toEqual(['written']);
  });

  it('says once that too much waits, and keeps nothing more', () => {
    const { outbox, told, turn, writes } = bench(100);
    for (let count = 0; count < 50; count += 1) outbox.push(header, 'x'.repeat(20));
    expect(told).toEqual(['overflowed']);
    expect(outbox.waiting).toBe(0);
    turn();
    expect(writes).toEqual([]);
  });

  it('refuses a frame that is too large, and sends the others', () => {
    const { outbox, turn, writes } = bench(limits.frameBytes * 4);
    outbox.push(header, 'a');
    expect(() => outbox.push(header, 'x'.repeat(limits.frameBytes))).toThrow(FrameError);
    outbox.push(header, 'b');
    turn();
    expect(writes.map(({ length }) => length)).toEqual([30]);
  });
});
