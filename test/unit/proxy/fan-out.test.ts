import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClosingCode, closings } from '../../../src/protocol/closings.ts';
import { Outbox, type Transport } from '../../../src/proxy/fan-out.ts';
import type { TextFrame } from '../../../src/proxy/text-frame.ts';

class SlowTransport implements Transport {
  readonly written: string[] = [];
  readonly closes: [number, string][] = [];
  isTerminated = false;
  waiting = 0;
  onDrained: () => void = () => {};
  get bufferedAmount(): number {
    return this.waiting;
  }
  send(data: string | TextFrame): void {
    this.waiting += data.length;
    this.written.push(typeof data === 'string' ? data : data.payload.toString());
  }
  whenDrained(callback: () => void): void {
    this.onDrained = callback;
  }
  close(code: number, reason: string): void {
    this.closes.push([code, reason]);
  }
  terminate(): void {
    this.isTerminated = true;
  }
  drain(): void {
    this.waiting = 0;
    this.onDrained();
  }
}

let transport: SlowTransport;
let outbox: Outbox;
const onClosing = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  transport = new SlowTransport();
  outbox = new Outbox({ transport, onClosing, mostWaiting: () => 100_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Outbox', () => {
  it('closes a reader too slow for what must arrive, and queues nothing beyond the bound', () => {
    for (let count = 0; count < 20; count += 1) outbox.deliver('x'.repeat(9_000));
    expect(transport.written.filter((text) => text.startsWith('x'))).toHaveLength(11);
    expect(JSON.parse(transport.written.at(-1) ?? '')).toMatchObject({
      method: 'session.closing',
      params: { code: 4002, reconnect: true },
    });
    expect(transport.closes).toEqual([[4002, 'slow_consumer']]);
    expect(onClosing).toHaveBeenCalledExactlyOnceWith('slow_consumer');
  });

  it('keeps only the newest droppable message of each kind while the reader is slow', () => {
    outbox.deliver('x'.repeat(70_000));
    for (const kind of ['a', 'b']) for (const count of [1, 2, 3]) outbox.offer(kind, `${kind}${count}`);
    expect(transport.written).toHaveLength(1);
    transport.drain();
    expect(transport.written.slice(1)).toEqual(['a3', 'b3']);
    transport.drain();
    expect(transport.written).toHaveLength(3);
  });

  it('writes a droppable message at once to a reader who keeps up', () => {
    outbox.offer('a', 'a1');
    outbox.offer('a', 'a2');
    expect(transport.written).toEqual(['a1', 'a2']);
  });

  it.each(Object.keys(closings) as ClosingCode[])(
    'says %s before it closes, once, and cuts a deaf peer',
    (code) => {
      outbox.close(code, { retryAfterMs: 5 });
      outbox.close('flood');
      outbox.deliver('late');
      outbox.offer('a', 'late');
      expect(transport.written.map((text) => JSON.parse(text).params)).toEqual([
        {
          code: closings[code].code,
          reason: closings[code].text,
          reconnect: closings[code].code < 4500,
          retryAfterMs: 5,
        },
      ]);
      expect(transport.closes).toEqual([[closings[code].code, code]]);
      expect(transport.isTerminated).toBe(false);
      vi.advanceTimersByTime(1_000);
      expect(transport.isTerminated).toBe(true);
    },
  );
});
