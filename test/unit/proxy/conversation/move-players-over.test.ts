import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemTimers } from '../../../../src/process/timers.ts';
import type { LeavingSocket } from '../../../../src/proxy/conversation/leave-and-close.ts';
import { movePlayersOver } from '../../../../src/proxy/conversation/move-players-over.ts';

class FakeSocket implements LeavingSocket {
  unanswered: number;
  refusal: string | undefined;
  closedAt: number | undefined;
  retryAfterMs = 0;
  #settled = () => {};

  constructor(unanswered = 0) {
    this.unanswered = unanswered;
  }

  leave(refusal: string, onSettled: () => void): void {
    this.refusal = refusal;
    this.#settled = onSettled;
  }

  close(_code: string, detail: { retryAfterMs?: number | undefined } = {}): void {
    this.closedAt ??= performance.now();
    this.retryAfterMs = detail.retryAfterMs ?? 0;
  }

  answer(): void {
    this.unanswered -= 1;
    this.#settled();
  }
}

const options = { withinMs: 5_000, comeBackMs: { least: 50, most: 500 }, timers: systemTimers };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

describe('B21 players who are told to move over', () => {
  it('are told some at a time, each with a pause of its own', async () => {
    const sockets = Array.from({ length: 200 }, () => new FakeSocket());
    const since = performance.now();
    const told = movePlayersOver(sockets, options);
    await vi.advanceTimersByTimeAsync(500);
    const half = sockets.filter(({ closedAt }) => closedAt !== undefined).length;
    expect(half).toBeGreaterThan(90);
    expect(half).toBeLessThan(110);
    await vi.advanceTimersByTimeAsync(600);
    await told;
    expect(Math.max(...sockets.map(({ closedAt = 0 }) => closedAt)) - since).toBeLessThanOrEqual(1_000);
    for (const { retryAfterMs, refusal } of sockets) {
      expect(retryAfterMs).toBeGreaterThanOrEqual(50);
      expect(retryAfterMs).toBeLessThan(500);
      expect(refusal).toBe('draining');
    }
  });

  it('are told over 1.5 s at most, however many they are, and at once when there is one', async () => {
    const many = Array.from({ length: 5_000 }, () => new FakeSocket());
    const toldMany = movePlayersOver(many, options);
    await vi.advanceTimersByTimeAsync(1_500);
    await toldMany;
    const one = new FakeSocket();
    await movePlayersOver([one], options);
    expect(one.closedAt).toBe(performance.now());
  });

  it('have the answer to what is under way first, and wait for it no longer than there is time', async () => {
    const [answered, silent] = [new FakeSocket(1), new FakeSocket(1)];
    const since = performance.now();
    const told = movePlayersOver([answered, silent], options);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(answered.closedAt).toBeUndefined();
    answered.answer();
    expect(answered.closedAt).toBe(since + 1_000);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(silent.closedAt).toBeUndefined();
    await vi.advanceTimersByTimeAsync(2);
    expect(silent.closedAt).toBeDefined();
    await told;
  });
});
