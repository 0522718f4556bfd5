import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthError, type Session } from '../../../src/auth/index.ts';
import { SocketSession, type Verifier } from '../../../src/proxy/session.ts';

const start = Date.UTC(2026, 0, 1);
const socket = { close: vi.fn(), expiring: vi.fn() };
const onFailure = vi.fn();

function sessionUntil(seconds: number, parts: Partial<Session> = {}): Session {
  return { player: 'p_1', session: 's_1', name: 'ada', expiresAt: start / 1000 + seconds, ...parts } as never;
}

function make(
  verify: (token: string) => Promise<Session>,
  { deafAt, requireLive = async () => {} }: { deafAt?: () => number; requireLive?: () => Promise<void> } = {},
): SocketSession {
  const verifier: Verifier = {
    verifyAccessToken: async ({ token }) => await verify(token),
    requireLive,
    pseudonymOf: async () => 'y_1' as never,
  };
  const now = () => Date.now();
  return new SocketSession({ verifier, socket, realm: 'game', now, onFailure, ...(deafAt && { deafAt }) });
}

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  vi.clearAllMocks();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('SocketSession', () => {
  it('closes a socket that shows no token in 10 s', async () => {
    make(async () => sessionUntil(600));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith('token_missing', undefined);
  });

  it('warns 60 s before the token expires, and closes when it does', async () => {
    const session = make(async () => sessionUntil(600));
    expect(await session.open({ token: 't' })).toMatchObject({ player: 'p_1', pseudonym: 'y_1' });
    await vi.advanceTimersByTimeAsync(539_999);
    expect(socket.expiring).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.expiring).toHaveBeenCalledExactlyOnceWith(start / 1000 + 600);
    await vi.advanceTimersByTimeAsync(59_999);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith('token_expired', undefined);
  });

  it('a refreshed token extends the live socket, and is warned about anew', async () => {
    const session = make(async (token) => sessionUntil(token === 'first' ? 600 : 1_150));
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(550_000);
    expect(await session.refresh({ token: 'second' })).toMatchObject({ expiresAt: start / 1000 + 1_150 });
    await vi.advanceTimersByTimeAsync(539_000);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.expiring).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith('token_expired', undefined);
  });

  it('warns at half the life of a token that lives for less, so that fresh ones are not asked for without end', async () => {
    let tokens = 0;
    const session = make(async () => sessionUntil(30 * ++tokens));
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(socket.expiring).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await session.refresh({ token: 'second' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.expiring).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['another session', { session: 's_2' }],
    ['another player', { player: 'p_2' }],
  ])('refuses a refresh with a token of %s, and goes on with the old one', async (_whose, parts) => {
    const session = make(async (token) => sessionUntil(600, token === 'first' ? {} : (parts as never)));
    await session.open({ token: 'first' });
    expect(await session.refresh({ token: 'second' })).toMatchObject({ code: 'session_mismatch' });
    expect(session.current?.expiresAt).toBe(start / 1000 + 600);
    expect(socket.close).not.toHaveBeenCalled();
  });

  it.each([
    [new AuthError('token_expired'), 'token_expired'],
    [new AuthError('token_signature_wrong'), 'token_invalid'],
    [new AuthError('token_malformed'), 'token_invalid'],
    [new AuthError('session_ended'), 'session_ended'],
    [new AuthError('store_unavailable'), 'overloaded'],
    [new Error('a fault'), 'overloaded'],
  ])('closes on %s as %s', async (error, code) => {
    const session = make(() => Promise.reject(error));
    expect(await session.open({ token: 't' })).toBeUndefined();
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(code, { retryAfterMs: 1_000 });
    expect(onFailure).toHaveBeenCalledTimes(code === 'overloaded' ? 1 : 0);
  });

  it('does nothing more for a socket that went while its token was verified', async () => {
    const verified = Promise.withResolvers<Session>();
    const session = make(() => verified.promise);
    const opening = session.open({ token: 't' });
    session.stop();
    verified.resolve(sessionUntil(600));
    expect(await opening).toBeUndefined();
    await vi.advanceTimersByTimeAsync(700_000);
    expect(socket.close).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a socket that is not read when its token expires', () => {
  const expired = ['token_expired', undefined];

  it('stays while nobody could hear a fresh token, and until that has had time to come', async () => {
    let deafUntil = start + 900_000;
    const session = make(async (token) => sessionUntil(token === 'first' ? 600 : 1_500), {
      deafAt: () => Math.min(Date.now(), deafUntil),
    });
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(909_000);
    expect(socket.close).not.toHaveBeenCalled();
    await session.refresh({ token: 'second' });
    deafUntil = start;
    await vi.advanceTimersByTimeAsync(590_000);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(...expired);
  });

  it('closes when what was held up has brought none', async () => {
    const session = make(async () => sessionUntil(600), {
      deafAt: () => Math.min(Date.now(), start + 700_000),
    });
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(708_000);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(...expired);
  });

  it('closes ten minutes later whatever holds it up', async () => {
    const session = make(async () => sessionUntil(600), { deafAt: () => Date.now() });
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(1_199_000);
    expect(socket.close).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(...expired);
  });

  it('closes within a second when its session ends meanwhile', async () => {
    let isOver = false;
    const session = make(async () => sessionUntil(600), {
      deafAt: () => Date.now(),
      requireLive: async () => {
        if (isOver) throw new AuthError('session_ended');
      },
    });
    await session.open({ token: 'first' });
    await vi.advanceTimersByTimeAsync(700_000);
    isOver = true;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(socket.close).toHaveBeenCalledTimes(1);
    expect(socket.close.mock.lastCall?.[0]).toBe('session_ended');
  });
});
