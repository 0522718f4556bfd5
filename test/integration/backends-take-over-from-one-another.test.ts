import { afterEach, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { readLog } from '../support/logged-events.ts';
import {
  boardOf,
  firstFree,
  observe,
  type Player,
  registerPlayer,
  type Seen,
  seenFrom,
} from '../support/player.ts';

/** Enough that with three backends each owns some. */
const matches = 12;
let castling: RunningCastling;
let players: Player[] = [];
afterEach(async () => {
  for (const { connection } of players) connection.close();
  await castling[Symbol.asyncDispose]();
});

/** Every match is played by the same two, to its end; between two of its moves `disturb` may happen. */
async function playAll(
  disturb: (round: number) => void,
): Promise<{ acknowledged: Map<string, Seen[]>; pauseMs: number }> {
  castling = await startCastling({ backends: 3 });
  const [ada, grace] = [
    await registerPlayer(castling, { name: 'ada' }),
    await registerPlayer(castling, { name: 'grace' }),
  ];
  players = [ada, grace];
  const acknowledged = new Map<string, Seen[]>();
  let pauseMs = 0;
  const boards = await Promise.all(
    Array.from({ length: matches }, async () => {
      const hosted = await ada.connection.createMatch({ game: 'tic-tac-toe' });
      const joined = await grace.connection.joinMatch({ code: hosted.code ?? '' });
      acknowledged.set(hosted.id, []);
      return { hosted, joined, views: [observe(hosted), observe(joined)] };
    }),
  );
  for (let round = 0; round < 7; round += 1) {
    disturb(round);
    await Promise.all(
      boards.map(async ({ hosted, joined }) => {
        const mover = round % 2 === 0 ? hosted : joined;
        const isDue = () => mover.state.status === 'over' || mover.state.turn === mover.seat;
        if (!isDue()) for await (const _ of mover.updates) if (isDue()) break;
        if (mover.state.status === 'over') return;
        const started = performance.now();
        acknowledged.get(hosted.id)?.push(seenFrom(await mover.move(firstFree(boardOf(mover.state.state)))));
        pauseMs = Math.max(pauseMs, performance.now() - started);
      }),
    );
  }
  const log = readLog(castling);
  for (const { hosted, views } of boards) {
    await Promise.all(views.map(({ over }) => over));
    const logged = log.get(hosted.id) ?? [];
    expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, at) => at + 1));
    for (const { seen } of views) expect(seen).toEqual(logged.slice(-seen.length));
    expect(logged.filter(({ type }) => type === 'moved')).toEqual(acknowledged.get(hosted.id));
  }
  return { acknowledged, pauseMs };
}

describe('R1 three backends on one store', () => {
  it('R4 one that is killed leaves its matches to the others, and players notice a pause', async () => {
    const { acknowledged } = await playAll((round) => {
      if (round === 3) process.kill(castling.backends()[1] ?? 0, 'SIGKILL');
    });
    expect(acknowledged.size).toBe(matches);
  });

  it('R11 one that is frozen loses its matches within ten seconds, and writes nothing when it wakes', async () => {
    let frozen = 0;
    const { pauseMs } = await playAll((round) => {
      if (round === 2) {
        frozen = castling.backends()[2] ?? 0;
        process.kill(frozen, 'SIGSTOP');
      }
      if (round === 4) process.kill(frozen, 'SIGCONT');
    });
    expect(pauseMs).toBeGreaterThan(500);
    expect(pauseMs).toBeLessThan(10_000);
  });
});
