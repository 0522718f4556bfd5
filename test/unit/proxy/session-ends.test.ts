import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newId } from '../../../src/protocol/ids.ts';
import type { LeavingSocket } from '../../../src/proxy/conversation/leave-and-close.ts';
import { closeSocketsOf } from '../../../src/proxy/session-ends.ts';

const session = newId('session');

class FakeSocket implements LeavingSocket {
  unanswered: number;
  settled = () => {};
  readonly close = vi.fn();

  constructor(unanswered: number) {
    this.unanswered = unanswered;
  }

  leave(_refusal: string, onSettled: () => void): void {
    this.settled = onSettled;
  }

  answer(): void {
    this.unanswered -= 1;
    this.settled();
  }
}

const end = (...sockets: LeavingSocket[]) =>
  closeSocketsOf(
    { session, because: 'banned' },
    { ofSession: (asked) => (asked === session ? new Set(sockets) : new Set()) },
  );

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('B8 the sockets of a session that has ended', () => {
  it('close at once when nothing is under way', () => {
    const sockets = [new FakeSocket(0), new FakeSocket(0)];
    end(...sockets);
    for (const socket of sockets) expect(socket.close).toHaveBeenCalledExactlyOnceWith('banned', undefined);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait for the answers to what is under way', () => {
    const socket = new FakeSocket(2);
    end(socket);
    socket.answer();
    expect(socket.close).not.toHaveBeenCalled();
    socket.answer();
    expect(socket.close).toHaveBeenCalledExactlyOnceWith('banned', undefined);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait no longer than 250 ms for a backend that is away', () => {
    const socket = new FakeSocket(1);
    end(socket);
    vi.advanceTimersByTime(249);
    expect(socket.close).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith('banned', undefined);
  });
});
