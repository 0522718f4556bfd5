import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { type Player, registerPlayer } from '../support/player.ts';

let castling: RunningCastling;
let ada: Player;
let grace: Player;
beforeAll(async () => {
  castling = await startCastling();
  ada = await registerPlayer(castling, { name: 'ada' });
  grace = await registerPlayer(castling, { name: 'grace' });
});
afterAll(async () => {
  ada.connection.close();
  grace.connection.close();
  await castling[Symbol.asyncDispose]();
});

it('a public match that opens, begins and ends is told of, and so is whose turn it is', async () => {
  const { told, stop } = listen(grace);
  const hosted = await ada.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
  await expect.poll(() => [...told]).toContain('open');
  const joined = await grace.connection.joinMatch({ match: hosted.id });
  await expect.poll(() => [...told].sort()).toEqual(['live', 'mine', 'open']);
  const mine = async (player: Player) =>
    (await player.connection.listMatches({ filter: 'mine' })).matches.map(({ turn, seat }) => turn === seat);
  expect([await mine(ada), await mine(grace)].flat().sort()).toEqual([false, true]);
  told.clear();
  await hosted.resign();
  await expect.poll(() => [...told].sort()).toEqual(['live', 'mine', 'open']);
  expect((await grace.connection.listMatches({ filter: 'mine' })).matches[0]).toMatchObject({ turn: null });
  stop();
  await joined.leave().catch(() => {});
});

it('a backend that was away has its watchers told to look again', async () => {
  const { told, stop } = listen(grace);
  await grace.connection.listMatches({ filter: 'open' });
  await castling.kill('backend');
  await expect.poll(() => [...told].sort(), { timeout: 30_000 }).toEqual(['live', 'mine', 'open']);
  told.clear();
  await ada.connection.createMatch({ game: 'tic-tac-toe', visibility: 'public' });
  await expect.poll(() => [...told], { timeout: 10_000 }).toContain('open');
  stop();
});

function listen({ connection }: Player): { told: Set<string>; stop: () => void } {
  const told = new Set<string>();
  const stop = connection.watchLobby((lists) => {
    for (const list of lists) told.add(list);
  });
  return { told, stop };
}
