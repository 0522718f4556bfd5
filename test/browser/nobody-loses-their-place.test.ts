import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillCredentials, launchBrowser, newPerson, startMatch } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { VirtualAuthenticator } from '../support/virtual-authenticator.ts';

const password = 'a quiet corner of the board';
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

/** Waits until the focus is on what this selector finds; the top of the page is `body`. */
async function focusIsOn(page: Page, selector: string): Promise<void> {
  await page.waitForFunction((wanted) => document.activeElement?.matches(wanted), selector);
}

/** Presses a button by the keyboard, as it is for whoever has nothing else. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('button', { name }).press('Enter');
}

const title = (page: Page, wanted: string) =>
  page.waitForFunction((text) => document.title === text, `${wanted} · Castling`);

describe('the focus', () => {
  it('stays in its part of the account when a form closes or a row goes', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'ada' });
    const other = await newPerson(browser, castling);
    await fillCredentials(other.page, 'ada');
    await other.page.locator('.lobby').waitFor();
    await page.getByRole('link', { name: /ada$/ }).click();
    await press(page, /^Sign out Chrome/);
    await other.page.getByText('You signed this device out').waitFor();
    await focusIsOn(page, 'section:has(.account-list)');

    await press(page, 'Change password');
    await focusIsOn(page, 'input[name=new-password]');
    await press(page, 'Cancel');
    await focusIsOn(page, 'section:nth-of-type(4) .account-actions button');
    await press(page, 'Change password');
    await page.getByLabel('New password').fill('short');
    await page.getByLabel('Your password').fill(password);
    await page.keyboard.press('Enter');
    await page.getByText('The password is too short').waitFor();
    await focusIsOn(page, 'input[name=new-password]');
    await page.getByLabel('New password').fill('another corner');
    await page.keyboard.press('Enter');
    await page.getByText('Your password is changed.').waitFor();
    await focusIsOn(page, 'section:nth-of-type(4) .account-actions button');

    await VirtualAuthenticator.plugInto(page);
    await press(page, 'Add a passkey');
    await page.getByLabel('Your password').fill('another corner');
    await page.keyboard.press('Enter');
    await page.getByText('The passkey is added.').waitFor();
    await focusIsOn(page, 'section:nth-of-type(2) button');
    // By the mouse, too, a form that opens is ready to be typed into.
    await page.getByRole('button', { name: /^Rename/ }).click();
    await focusIsOn(page, 'input[name=passkey-name]');
    await page.keyboard.press('Enter');
    await focusIsOn(page, 'section:nth-of-type(2) li button');
    await Promise.all([close(), other.close()]);
  });

  it('goes along to the next match, and to what comes after giving up', async () => {
    const bo = await newPerson(browser, castling, { name: 'bo' });
    const cy = await newPerson(browser, castling, { name: 'cy' });
    await startMatch(bo, cy);
    await press(bo.page, 'Resign');
    await press(bo.page, 'Yes, resign');
    await focusIsOn(bo.page, '.actions button');
    await press(bo.page, 'Play again');
    await press(cy.page, 'Play again');
    await cy.page.locator('.match:not([data-over])').waitFor();
    await Promise.all([bo, cy].map(({ page }) => focusIsOn(page, 'main')));
    await Promise.all([bo.close(), cy.close()]);
  });

  it('goes to the field that the server says no to', async () => {
    const { page, close } = await newPerson(browser, castling);
    await page.getByRole('radio').nth(1).check();
    await fillCredentials(page, 'not a name!');
    await page.getByText('with single - _ . between them').waitFor();
    await focusIsOn(page, 'input[name=name]');
    await fillCredentials(page, 'dora', 'password');
    await page.getByText('among those that guessers try first').waitFor();
    await focusIsOn(page, 'input[name=password]');
    await close();
  });
});

describe('a device', () => {
  it('that was signed out meanwhile is no failure when one signs it out', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'eva' });
    const other = await newPerson(browser, castling);
    await fillCredentials(other.page, 'eva');
    await other.page.locator('.lobby').waitFor();
    await page.getByRole('link', { name: /eva$/ }).click();
    const row = page.getByRole('button', { name: /^Sign out Chrome/ });
    await row.waitFor();
    await other.page.getByRole('button', { name: 'Sign out' }).click();
    await other.page.locator('form.form').waitFor();
    await row.click();
    await page.getByText(/^Chrome .* is signed out\.$/).waitFor();
    expect(await page.locator('.account-part .alert').first().innerText()).toBe('');
    await Promise.all([close(), other.close()]);
  });
});

describe('an account that could not be loaded', () => {
  it('is seen to be tried again, and comes', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'kai' });
    await page.route('**/auth/passkeys', (route) => route.abort());
    await page.getByRole('link', { name: /kai$/ }).click();
    await page.getByText('Your account could not be loaded.').waitFor();
    await page.unroute('**/auth/passkeys');
    const held = Promise.withResolvers<void>();
    await page.route('**/auth/passkeys', async (route) => {
      await held.promise;
      await route.continue();
    });
    await press(page, 'Try again');
    await page.getByText('Loading…').waitFor();
    expect(await page.getByText('could not be loaded').count()).toBe(0);
    await focusIsOn(page, 'main');
    held.resolve();
    await page.locator('.account').waitFor();
    await close();
  });
});

describe('a guest', () => {
  it('who goes on without an account finds the tab named after what is seen', async () => {
    const { page, close } = await newPerson(browser, castling);
    await press(page, 'Play as a guest');
    await title(page, 'Lobby');
    await press(page, 'Keep this account');
    await title(page, 'Keep this account');
    await press(page, 'Later');
    await title(page, 'Lobby');
    await close();
  });

  it('who is to let a terminal in is asked for an account first, not for a password that there is none of', async () => {
    const { page, close } = await newPerson(browser, castling);
    await press(page, 'Play as a guest');
    await page.locator('.lobby').waitFor();
    await page.goto(`${castling.url}/#/device/BBBB-BBBB`);
    await page.getByText('a guest has none yet').waitFor();
    await fillCredentials(page, 'gus');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('No terminal waits with this code').waitFor();
    await close();
  });
});

describe('a screen reader', () => {
  it('hears everything once', async () => {
    const hal = await newPerson(browser, castling, { name: 'hal' });
    const ida = await newPerson(browser, castling, { name: 'ida' });
    await startMatch(hal, ida);
    await hal.page.evaluate(() => {
      const heard: unknown[] = [];
      Object.assign(window, { heard });
      const log = document.querySelector('[role=log]');
      if (log === null) throw new Error('There is no log.');
      new MutationObserver((records) => {
        for (const { addedNodes } of records) heard.push(...[...addedNodes].map((each) => each.textContent));
      }).observe(log, { childList: true });
    });
    await hal.play(0);
    await ida.play(4);
    await hal.square(4).locator('[data-look="set"]').waitFor();
    await hal.play(1);
    await hal.page.getByRole('log').getByText('You played top centre.').waitFor({ state: 'attached' });
    expect(await hal.page.evaluate(() => Reflect.get(window, 'heard'))).toEqual([
      'You played top left.',
      'ida played centre. Your move.',
      'You played top centre.',
    ]);
    await Promise.all([hal.close(), ida.close()]);
  });

  it('is told by the same words as the eye what a button does', async () => {
    const { page, close } = await newPerson(browser, castling);
    await press(page, 'Show the password');
    expect(await page.getByRole('button', { name: 'Hide the password' }).innerText()).toBe('Hide');
    await close();
  });
});

describe('long words', () => {
  it('lie nowhere above each other in the header of a guest’s narrow phone', async () => {
    const phone = { viewport: { width: 320, height: 568 }, locale: 'de-DE' };
    const { page, close } = await newPerson(browser, castling, phone);
    await page.getByRole('button', { name: 'Als Gast spielen' }).click();
    await page.locator('.lobby').waitFor();
    const boxes = await page.locator('.brand, .who > *').evaluateAll((parts) =>
      parts.map((part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    expect(boxes).toHaveLength(4);
    for (const [index, one] of boxes.entries()) {
      expect(one.right - one.left).toBeGreaterThan(48);
      expect(one.right).toBeLessThanOrEqual(320);
      for (const other of boxes.slice(index + 1)) {
        const isApart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top;
        expect(isApart, JSON.stringify([one, other])).toBe(true);
      }
    }
    await close();
  });

  it('fit into a match in letters of twice the size', async () => {
    const options = { viewport: { width: 640, height: 800 }, locale: 'de-DE' };
    const one = await newPerson(browser, castling, { ...options, name: 'w'.repeat(31) });
    const other = await newPerson(browser, castling, { name: 'm'.repeat(31) });
    await startMatch(one, other);
    await one.page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    const wide = () => one.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    await Promise.all([one.close(), other.close()]);
  });
});
