import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson, type Person } from '../support/browser-player.ts';
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

/** Presses Tab until the focused element has this name. */
async function tabTo({ page }: Person, name: string | RegExp): Promise<void> {
  const pattern = typeof name === 'string' ? new RegExp(`^${name}$`) : name;
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const labels = (element as HTMLInputElement | null)?.labels;
      return element?.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? element?.textContent ?? '';
    });
    if (pattern.test(focused.trim())) return;
  }
  throw new Error(`Tab does not reach ${pattern}`);
}

describe('with the keyboard alone', () => {
  it('one registers, invites, plays, resigns with a second look and signs out', async () => {
    const ada = await newPerson(browser, castling);
    const keys = ada.page.keyboard;
    await ada.page.locator('form.form').waitFor();
    await tabTo(ada, 'Sign in');
    await keys.press('ArrowRight');
    await tabTo(ada, 'Name');
    await keys.type('ada');
    await tabTo(ada, 'Password');
    await keys.type('a quiet corner of the board');
    await keys.press('Enter');
    await ada.page.locator('.recovery-codes').waitFor();
    await tabTo(ada, 'I have kept them');
    await keys.press('Enter');
    await ada.page.locator('.lobby').waitFor();

    await tabTo(ada, /^Invite a friend/);
    await keys.press('Enter');
    const link = await ada.page.locator('.invitation-link').inputValue();
    const bo = await newPerson(browser, castling, { name: 'bo' });
    await bo.page.goto(link);
    await bo.page.getByRole('button', { name: 'Take the seat' }).click();
    await ada.page.locator('.ttt').waitFor();

    // The board is one stop; arrows go from square to square, Enter plays.
    await tabTo(ada, /^centre, empty/);
    await keys.press('ArrowUp');
    await keys.press('ArrowLeft');
    await keys.press('Enter');
    await ada.square(0).locator('[data-look="set"]').waitFor();
    // Its own move, and whose turn it is, are said aloud.
    await ada.page.getByRole('log').getByText('You played top left.').waitFor({ state: 'attached' });
    await bo.play(4);
    await ada.page.getByRole('log').getByText('bo played centre. Your move.').waitFor({ state: 'attached' });
    // A digit plays its square, a taken one does nothing.
    await keys.press('5');
    await keys.press('9');
    await ada.square(8).locator('[data-look="set"]').waitFor();
    expect(await ada.square(4).getAttribute('aria-label')).toBe('centre, O');
    expect(await ada.square(8).getAttribute('aria-label')).toBe('bottom right, X, last move');

    await tabTo(ada, 'Resign');
    await keys.press('Enter');
    await keys.press('Escape');
    await tabTo(ada, 'Resign');
    await keys.press('Enter');
    await keys.press('Shift+Tab');
    await keys.press('Enter');
    await ada.headline('bo won');
    await ada.page.getByRole('log').getByText('bo won: you resigned.').waitFor({ state: 'attached' });

    await keys.press('Home');
    await ada.page.locator('.skip').focus();
    await keys.press('Enter');
    expect(await ada.page.evaluate(() => document.activeElement?.id)).toBe('main');
    await ada.page.locator('.brand').focus();
    await tabTo(ada, 'Sign out');
    await keys.press('Enter');
    await ada.page.locator('form.form').waitFor();
    await bo.close();
    await ada.close();
  });
});
