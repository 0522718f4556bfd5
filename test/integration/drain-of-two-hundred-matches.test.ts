import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient } from '../../src/client/auth-client.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { checkHistory, type HistoryEntry, type SeenEvent } from '../support/history.ts';
import { readMoves } from '../support/logged-events.ts';
import { trust } from '../support/player.ts';
import { type Message, ProxyPlayer, startMatch } from '../support/proxy-player.ts';

const accounts = 10;
const matches = 200;
/** One socket has at most 16 requests unanswered at once, so each has the moves of 10 matches. */
const socketsOfAccount = (2 * matches) / accounts / 10;

interface Seated {
  readonly match: string;
  readonly seats: readonly [ProxyPlayer, ProxyPlayer];
  readonly seq: number;
}

describe('B21 SIGTERM while two hundred matches are played', () => {
  let castling: RunningCastling;
  const everyone: ProxyPlayer[] = [];

  beforeAll(async () => {
    castling = await startCastling({ args: ['--workers', '2'] });
    trust(castling);
    const ca = readFileSync(castling.ca, 'utf8');
    const auth = new AuthClient(new AccountHttp({ origin: castling.url }));
    for (let number = 0; number < accounts; number += 1) {
      const { accessToken } = await auth.register({
        name: `player${number}`,
        password: 'correct horse battery',
      });
      for (let socket = 0; socket < socketsOfAccount; socket += 1) {
        const player = new ProxyPlayer({ url: castling.url, ca, token: accessToken });
        await player.signedIn;
        everyone.push(player);
      }
    }
  });
  afterAll(async () => {
    for (const player of everyone) player.terminate();
    await castling[Symbol.asyncDispose]();
  });

  it('lets nobody in, tells every player before the close, ends within 10 s, and loses no acknowledged move', async () => {
    const seated: Seated[] = await Promise.all(
      Array.from({ length: matches }, async (_, number) => {
        // Even sockets are hosts, odd ones guests of the next account.
        const host = everyone[(2 * number) % everyone.length] as ProxyPlayer;
        const guest = everyone[(2 * number + 1 + socketsOfAccount) % everyone.length] as ProxyPlayer;
        return await startMatch(host, guest);
      }),
    );

    // Every match plays on and on, until its players are told to go.
    const entries: HistoryEntry[] = [];
    const clock = clockFrom(0);
    let movesBefore = 0;
    const half = Promise.withResolvers<void>();
    const playing = seated.map(async (one) => {
      for await (const done of moves(one, entries, clock)) {
        if (done) movesBefore += 1;
        if (movesBefore === matches) half.resolve();
      }
    });
    await half.promise;

    const since = performance.now();
    const stopped = castling.stop();
    await Promise.all(everyone.map(({ closed }) => closed));
    await expect(canConnect(castling.port)).resolves.toBe(false);
    expect(await stopped).toBe(0);
    expect(performance.now() - since).toBeLessThan(10_000);
    await Promise.all(playing);

    for (const player of everyone) {
      expect(await player.closed).toEqual({ code: 4000, reason: 'restarting' });
      const last = player.heard.at(-1);
      expect(last).toMatchObject({ method: 'session.closing', params: { code: 4000, reconnect: true } });
      expect(last.params.retryAfterMs).toBeGreaterThanOrEqual(200);
      expect(last.params.retryAfterMs).toBeLessThan(2_000);
    }
    const log = readMoves(castling);
    const observations = seated.flatMap(({ match, seats }) =>
      seats.map((player, seat) => ({ observer: `seat ${seat}`, match, events: seenBy(player, match) })),
    );
    expect(checkHistory({ entries, observations, log })).toEqual([]);
    const acknowledged = entries.filter(({ kind }) => kind === 'ok').length;
    expect(acknowledged).toBeGreaterThan(matches);
    expect(log.size).toBe(matches);
  });
});

/** Moves in turn on the first free square, as fast as they are acknowledged; yields whether the last one was. */
async function* moves(
  { match, seats, seq }: Seated,
  entries: HistoryEntry[],
  clock: () => number,
): AsyncGenerator<boolean> {
  for (let turn = 0; turn < 6; turn += 1) {
    const player = seats[turn % 2] as ProxyPlayer;
    const id = player.commandId();
    entries.push({ kind: 'invoke', id, at: clock() });
    const answer: Message = await player
      .ask('match.move', { match, seq: seq + 1 + turn, commandId: id, move: turn })
      .catch(() => undefined);
    // Without an answer it may have happened or not.
    if (answer === undefined) return;
    if (answer.error !== undefined) {
      entries.push({ kind: 'fail', id, at: clock() });
      return;
    }
    entries.push({ kind: 'ok', id, match, seq: answer.result.seq, at: clock() });
    yield true;
  }
}

function seenBy(player: ProxyPlayer, match: string): SeenEvent[] {
  return player.events(match).map((event) => ({
    seq: event.seq,
    id: event.type === 'moved' ? event.commandId : undefined,
  }));
}

function clockFrom(start: number): () => number {
  let now = start;
  return () => {
    now += 1;
    return now;
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
