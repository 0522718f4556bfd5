import { afterEach, expect, it, vi } from 'vitest';
import { Registry } from '../../../src/process/metrics.ts';
import { WaitingBytes } from '../../../src/proxy/waiting-bytes.ts';

class FakeSocket {
  waiting: number;
  readonly close = vi.fn(() => {
    this.waiting = 0;
  });
  constructor(waiting: number) {
    this.waiting = waiting;
  }
}

let bytes: WaitingBytes;
afterEach(() => bytes.stop());

it('B13 closes those with the most, until the rest fits, and no more', async () => {
  const sockets = [10, 400, 300, 20, 300].map((waiting) => new FakeSocket(waiting));
  const metrics = new Registry();
  bytes = new WaitingBytes({ sockets, metrics, waitingBytes: 500, allWaitingBytes: 400 });
  expect(await metrics.metrics()).toContain('castling_proxy_waiting_bytes 1030');
  bytes.look();
  expect(sockets.map(({ close }) => close.mock.calls.length)).toEqual([0, 1, 1, 0, 0]);
  expect(sockets[1]?.close).toHaveBeenCalledWith('slow_consumer');
  bytes.look();
  expect(sockets.map(({ close }) => close.mock.calls.length)).toEqual([0, 1, 1, 0, 0]);
});

it('B13 takes other bounds while it runs', () => {
  const sockets = [new FakeSocket(100)];
  bytes = new WaitingBytes({ sockets, waitingBytes: 500, allWaitingBytes: 400 });
  bytes.look();
  expect(sockets[0]?.close).not.toHaveBeenCalled();
  bytes.change({ waitingBytes: 50, allWaitingBytes: 60 });
  expect(bytes.most).toBe(50);
  bytes.look();
  expect(sockets[0]?.close).toHaveBeenCalledOnce();
});
