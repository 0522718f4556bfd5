import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/axe.ts';
import {
  createInvitation,
  fillCredentials,
  launchBrowser,
  newPerson,
  playInTurn,
} from '../support/browser-player.ts';
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

describe.each(['light', 'dark'] as const)('axe finds nothing in %s', (colorScheme) => {
  it('on any main screen', async () => {
    const stranger = await newPerson(browser, castling, { colorScheme });
    await stranger.page.locator('form.form').waitFor();
    expect(await faultsOf(stranger.page)).toEqual([]);
    await stranger.page.getByRole('radio').nth(1).check();
    await stranger.page.locator('form.form button[type=submit]').click();
    expect(await faultsOf(stranger.page)).toEqual([]);
    await fillCredentials(stranger.page, `cy-${colorScheme}`);
    await stranger.page.locator('.recovery-codes').waitFor();
    expect(await faultsOf(stranger.page)).toEqual([]);
    await stranger.close();

    const ada = await newPerson(browser, castling, { name: `ada-${colorScheme}`, colorScheme });
    const bo = await newPerson(browser, castling, { name: `bo-${colorScheme}`, colorScheme });
    expect(await faultsOf(ada.page)).toEqual([]);
    const link = await createInvitation(ada);
    await ada.page.getByRole('button', { name: 'Show QR code' }).click();
    await ada.page.locator('.qr path').waitFor();
    expect(await faultsOf(ada.page)).toEqual([]);
    await bo.page.goto(link);
    await bo.page.getByRole('button', { name: 'Take the seat' }).waitFor();
    expect(await faultsOf(bo.page)).toEqual([]);
    await bo.page.getByRole('button', { name: 'Take the seat' }).click();
    await Promise.all([ada, bo].map(({ page }) => page.locator('.ttt').waitFor()));
    await playInTurn([ada, bo], [4, 0]);
    await ada.page.getByRole('button', { name: 'Resign' }).click();
    await bo.page.getByRole('button', { name: 'Offer a draw' }).click();
    await ada.page
      .getByText(/offers a draw/)
      .first()
      .waitFor();
    expect(await faultsOf(ada.page)).toEqual([]);
    expect(await faultsOf(bo.page)).toEqual([]);
    await ada.page.getByRole('button', { name: 'Play on' }).click();
    await playInTurn([ada, bo], [2, 6, 3, 8, 5]);
    expect(await faultsOf(ada.page)).toEqual([]);
    await ada.page.locator('.brand').click();
    await ada.page.locator('.row').first().waitFor();
    expect(await faultsOf(ada.page)).toEqual([]);
    await Promise.all([ada.close(), bo.close()]);
  });
});
