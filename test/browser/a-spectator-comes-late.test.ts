import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, playInTurn } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

let castling: RunningCastling;
let browser: Browser;

beforeAll(async () => {
  castling = await startCastling();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
});

describe('a spectator', () => {
  it('finds a match in the lobby, sees what was played, follows it live, and may not move', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const bo = await newPerson(browser, castling, { name: 'bo' });
    const eve = await newPerson(browser, castling, { name: 'eve' });

    await ada.page.getByRole('button', { name: /^Open to everyone/ }).click();
    await bo.page.getByRole('button', { name: 'Take the seat against ada' }).click();
    await bo.page.locator('.ttt').waitFor();
    await playInTurn([ada, bo], [4, 0, 2]);

    await eve.page.getByRole('link', { name: 'Watch ada – bo' }).click();
    await eve.page.getByText('You are watching').waitFor();
    expect(await eve.page.locator('.move').count()).toBe(3);
    expect(await eve.page.locator('[data-legal]').count()).toBe(0);
    await eve.headline('bo to move');

    await playInTurn([bo, ada], [6, 3, 8, 5]);
    await eve.headline('ada won');

    // The replay: by the list, by the scrubber, and by a link that somebody else opens.
    await eve.page.getByRole('button', { name: /^Move 2: bo, top left/ }).click();
    await eve.page.getByText('After move 2 of 7').waitFor();
    expect(await eve.page.locator('[data-look="set"]').count()).toBe(2);
    await eve.page.getByRole('slider').press('ArrowRight');
    expect(await eve.page.locator('[data-look="set"]').count()).toBe(3);
    await bo.page.goto(eve.page.url());
    await bo.page.getByText('After move 3 of 7').waitFor();
    await eve.page.getByRole('button', { name: 'To the start' }).click();
    await eve.page.getByRole('button', { name: 'Play through' }).click();
    await eve.page.getByText('After move 7 of 7').waitFor();
    expect(eve.complaints).toEqual([]);
    await Promise.all([ada.close(), bo.close(), eve.close()]);
  });

  it('of a private match needs its code', async () => {
    const ada = await newPerson(browser, castling, { name: 'ann' });
    const eve = await newPerson(browser, castling, { name: 'eva' });
    await ada.page.getByRole('button', { name: /^Invite a friend/ }).click();
    const link = await ada.page.locator('.invitation-link').inputValue();
    await eve.page.goto(ada.page.url());
    await eve.page.getByText('There is no such match, or it is private.').waitFor();
    await eve.page.goto(link);
    await eve.page.getByRole('link', { name: 'Only watch' }).click();
    await eve.page.getByText('ann invites you to Tic-tac-toe.').waitFor();
    await Promise.all([ada.close(), eve.close()]);
  });
});
