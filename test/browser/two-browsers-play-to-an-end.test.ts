import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person, playInTurn, startMatch } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

let castling: RunningCastling;
let browser: Browser;
let ada: Person;
let bo: Person;

beforeAll(async () => {
  castling = await startCastling();
  browser = await launchBrowser();
  [ada, bo] = await Promise.all([
    newPerson(browser, castling, { name: 'ada' }),
    newPerson(browser, castling, { name: 'bo', locale: 'de-DE', colorScheme: 'dark' }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
});

describe('two browsers play through the real proxy and backend', () => {
  it('to a win and a loss, each told in their own language', async () => {
    await startMatch(ada, bo);
    await ada.headline('Your move');
    await bo.headline('ada überlegt');
    await playInTurn([ada, bo], [4, 0, 2, 6, 3, 8, 5]);
    await ada.headline('You won');
    await bo.headline('ada hat gewonnen');
    await bo.page.locator('.reason', { hasText: 'drei in einer Reihe' }).waitFor();
    expect(await ada.page.locator('[data-won]').count()).toBe(3);
    expect(await bo.page.locator('html').getAttribute('lang')).toBe('de');
  });

  it('again with the seats turned round, to a draw', async () => {
    await bo.page.getByRole('button', { name: 'Noch einmal' }).click();
    await ada.page.getByText('bo wants to play again.').first().waitFor();
    await ada.page.getByRole('button', { name: 'Play again' }).click();
    await bo.headline('Du bist dran');
    await playInTurn([bo, ada], [0, 4, 8, 1, 7, 6, 2, 5, 3]);
    await ada.headline('A draw');
    await bo.headline('Remis');
    await ada.page.getByText('the board is full').first().waitFor();
  });

  it('by agreement, after an offer that was declined first', async () => {
    await startMatchFromLobby();
    await ada.page.getByRole('button', { name: 'Offer a draw' }).click();
    await bo.page.getByRole('button', { name: 'Weiterspielen' }).click();
    await ada.page.getByRole('button', { name: 'Offer a draw', disabled: false }).waitFor();
    await bo.page.getByRole('button', { name: 'Remis anbieten' }).click();
    await ada.page.getByRole('button', { name: 'Accept the draw' }).click();
    await ada.headline('A draw');
    await bo.page.getByText('beide waren einverstanden').first().waitFor();
  });

  it('by resigning, which asks a second time', async () => {
    await startMatchFromLobby();
    const { page } = ada;
    await page.getByRole('button', { name: 'Resign' }).click();
    // The harmless answer has the focus.
    await page.keyboard.press('Enter');
    await page.getByText('Give this match up?').waitFor({ state: 'hidden' });
    await ada.headline('Your move');
    await page.getByRole('button', { name: 'Resign' }).click();
    await page.getByRole('button', { name: 'Yes, resign' }).click();
    await ada.headline('bo won');
    await bo.headline('Du hast gewonnen');
    await bo.page.getByText('ada hat aufgegeben').first().waitFor();
  });

  it('by quick match, whoever looks first', async () => {
    await Promise.all([goToLobby(ada), goToLobby(bo)]);
    await ada.page.getByRole('button', { name: 'Find an opponent' }).click();
    await ada.page.getByText('Looking for an opponent').waitFor();
    await bo.page.getByRole('button', { name: 'Gegner finden' }).click();
    await Promise.all([ada, bo].map(({ page }) => page.locator('.ttt').waitFor()));
    // Who begins is drawn by lot; both must be told the same.
    const told = await Promise.all([ada, bo].map(({ page }) => page.locator('.headline').textContent()));
    expect([
      ['Your move', 'ada überlegt'],
      ['bo is thinking', 'Du bist dran'],
    ]).toContainEqual(told);
  });

  it('without an error on the console or a request to any other host', () => {
    for (const { complaints, foreignRequests } of [ada, bo]) {
      expect(complaints).toEqual([]);
      expect(foreignRequests).toEqual([]);
    }
  });
});

async function goToLobby({ page }: Person): Promise<void> {
  await page.locator('.brand').click();
  await page.locator('.lobby').waitFor();
}

async function startMatchFromLobby(): Promise<void> {
  await goToLobby(ada);
  await startMatch(ada, bo);
}
