import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Liveness } from '../../../../src/proxy/listener/liveness.ts';

class FakeWebSocket extends EventEmitter {
  isPaused = false;
  ping = vi.fn();
}

let webSocket: FakeWebSocket;
const close = vi.fn();
let liveness: Liveness;

beforeEach(() => {
  vi.useFakeTimers();
  close.mockReset();
  webSocket = new FakeWebSocket();
  liveness = new Liveness({ now: () => Date.now() });
  liveness.watch(webSocket as never, { close } as never);
});
afterEach(() => {
  liveness.stop();
  vi.useRealTimers();
});

describe('Liveness', () => {
  it('B14 pings a quiet socket every 15 s and closes it as silent within 45 s, whenever it came', () => {
    vi.advanceTimersByTime(4_999);
    const late = new FakeWebSocket();
    const closeLate = vi.fn();
    liveness.watch(late as never, { close: closeLate } as never);
    vi.advanceTimersByTime(30_000);
    expect(webSocket.ping).toHaveBeenCalledTimes(2);
    expect(close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(close).toHaveBeenCalledWith('silent');
    expect(closeLate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(5_000);
    expect(closeLate).toHaveBeenCalledWith('silent');
  });

  it('B14 knows a pong that it asked for, once, from one that nobody did', () => {
    const takePong = liveness.watch(webSocket as never, { close } as never);
    expect(takePong()).toBe(false);
    vi.advanceTimersByTime(15_000);
    expect(takePong()).toBe(true);
    expect(takePong()).toBe(false);
  });

  it.each(['message', 'ping', 'pong'])('counts a %s as life', (event) => {
    for (let round = 0; round < 10; round += 1) {
      vi.advanceTimersByTime(30_000);
      webSocket.emit(event);
    }
    expect(close).not.toHaveBeenCalled();
  });

  it('does not blame a socket that this side has paused, nor watch one that has closed', () => {
    webSocket.isPaused = true;
    vi.advanceTimersByTime(100_000);
    expect(close).not.toHaveBeenCalled();
    webSocket.isPaused = false;
    webSocket.emit('close');
    vi.advanceTimersByTime(100_000);
    expect(close).not.toHaveBeenCalled();
  });
});
