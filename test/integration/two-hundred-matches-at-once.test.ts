import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { readLog } from '../support/logged-events.ts';
import { observe, type Player, playToTheEnd, registerPlayer } from '../support/player.ts';

const players = 20;
const matches = 200;

describe('R1 two hundred matches at once', () => {
  let castling: RunningCastling;
  const everyone: Player[] = [];

  beforeAll(async () => {
    castling = await startCastling();
    for (let number = 0; number < players; number += 1) {
      everyone.push(await registerPlayer(castling, { name: `player${number}` }));
    }
  });
  afterAll(async () => {
    for (const { connection } of everyone) connection.close();
    await castling[Symbol.asyncDispose]();
  });

  it('end with logs that equal what each player and a spectator saw', async () => {
    const seats = await Promise.all(
      Array.from({ length: matches }, async (_, number) => {
        const host = everyone[number % players] as Player;
        const guest = everyone[(number + 1 + Math.floor(number / players)) % players] as Player;
        const watcher = everyone[(number + 13) % players] as Player;
        const first = await host.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
        const second = await guest.connection.joinMatch({ match: first.id });
        const third = await watcher.connection.getMatch({ match: first.id });
        expect(third.match).toBe(first.id);
        return { first, second };
      }),
    );
    expect(new Set(seats.map(({ first }) => first.id)).size).toBe(matches);

    // The squares are drawn by a counter, so that the matches differ and a failure can be run again.
    const histories = await Promise.all(
      seats.map(async ({ first, second }, number) => {
        const views = [first, second].map(observe);
        const choose = (turn: number) => (board: string) => {
          const free = [...board].flatMap((square, at) => (square === '_' ? [at] : []));
          return free[(number * 7 + turn * 3 + free.length) % free.length] as number;
        };
        await Promise.all([playToTheEnd(first, choose(0)), playToTheEnd(second, choose(1))]);
        await Promise.all(views.map(({ over }) => over));
        return { match: first.id, views: views.map(({ seen }) => seen) };
      }),
    );

    const log = readLog(castling);
    expect(log.size).toBe(matches);
    for (const { match, views } of histories) {
      const logged = log.get(match) ?? [];
      expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, at) => at + 1));
      expect(logged.at(-1)?.type).toBe('ended');
      for (const seen of views) {
        expect(seen.length).toBeGreaterThan(5);
        // A player comes in after the creation and sees everything from there on.
        expect(seen).toEqual(logged.slice(-seen.length));
      }
    }
  });
});
