import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, newPerson } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

const starter = new URL('../../examples/boardgame/start.js', import.meta.url).pathname;

let castling: RunningCastling;
let browser: Browser;

beforeAll(async () => {
  castling = await startCastling({ starter });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
});

const says = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const click = (page: Page, square: number) => page.getByLabel(`Square ${square}`).click();

it('boardgame.io’s tic-tac-toe is played to its end by two of its own clients through Castling', async () => {
  const [ada, grace] = await Promise.all(
    ['ada', 'grace'].map((name) => newPerson(browser, castling, { name })),
  );
  if (ada === undefined || grace === undefined) throw new Error('nobody came');
  const sockets: string[] = [];
  ada.page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
  await ada.page.goto(`${castling.url}/boardgame/?match=one&seat=0`);
  await says(ada.page, 'Your turn.');
  const script = grace.page.waitForResponse(/client\.js$/);
  await grace.page.goto(`${castling.url}/boardgame/?match=one&seat=1`);
  expect((await script).headers()['cache-status']).toMatch(/^castling; hit/);
  await says(grace.page, 'Waiting for the other player.');
  await ada.page.getByText('The game server knows you as ada (y_').waitFor();
  await grace.page.getByText('The game server knows you as grace (y_').waitFor();
  for (const [hers, theirs] of [
    [1, 4],
    [2, 5],
  ] as const) {
    await says(ada.page, 'Your turn.');
    await click(ada.page, hers);
    await says(grace.page, 'Your turn.');
    await click(grace.page, theirs);
  }
  await says(ada.page, 'Your turn.');
  await click(ada.page, 3);
  await says(ada.page, 'You have won.');
  await says(grace.page, 'You have lost.');
  expect(sockets).toContain('/boardgame/socket.io/');
  expect([...ada.complaints, ...grace.complaints]).toEqual([]);
  await Promise.all([ada.close(), grace.close()]);
});
