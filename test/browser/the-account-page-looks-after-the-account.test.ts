import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../src/auth/second-factor/totp.ts';
import { faultsOf } from '../support/axe.ts';
import { fromBase32 } from '../support/base32.ts';
import { fillCredentials, launchBrowser, newPerson } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { CliProcess } from '../support/cli-process.ts';
import { VirtualAuthenticator } from '../support/virtual-authenticator.ts';

const password = 'a quiet corner of the board';
const home = mkdtempSync(join(tmpdir(), 'castling-account-'));
let castling: RunningCastling;
let browser: Browser;

beforeAll(async () => {
  castling = await startCastling();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

describe('the account page', () => {
  it('B8 signs another device out, whose page closes at once', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const other = await newPerson(browser, castling, {});
    await fillCredentials(other.page, 'ada');
    await other.page.locator('.lobby').waitFor();
    await ada.page.getByRole('link', { name: /ada$/ }).click();
    await ada.page.getByText('this one').waitFor();
    await ada.page.getByRole('button', { name: /^Sign out Chrome/ }).click();
    await other.page.getByText('You signed this device out from another one.').waitFor();
    await ada.page.getByText(/^Chrome .* is signed out\.$/).waitFor();
    // The list is asked for anew after the words are there.
    await ada.page.locator('.account-list li').nth(1).waitFor({ state: 'detached' });
    expect(await ada.page.locator('.account-list li').count()).toBe(1);
    await Promise.all([ada.close(), other.close()]);
  });

  it('D9 sets a second factor up, which is then asked for; a fresh recovery code stands in for it', async () => {
    const bo = await newPerson(browser, castling, { name: 'bo', colorScheme: 'dark' });
    const { page } = bo;
    const button = (name: string) => page.getByRole('button', { name });
    await page.getByRole('link', { name: /bo$/ }).click();
    await button('Set up an app').click();
    await page.getByLabel('Your password').fill(password);
    expect(await faultsOf(page)).toEqual([]);
    await button('Set up an app').click();
    const shown = await page.locator('.account-secret').innerText();
    const key = fromBase32(/[A-Z2-7 ]{39,}$/.exec(shown.trim())?.[0].replaceAll(' ', '') ?? '');
    await page.locator('.qr path').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const step = totpStep(Date.now());
    await page.getByLabel('Code that the app shows now').fill(totpCode(key, step));
    await button('Turn on').click();
    await page.getByText('The second factor is on.').waitFor();

    await button('Get fresh codes').click();
    await page.getByLabel('Your password').fill(password);
    await button('Get fresh codes').click();
    await page
      .getByLabel('Code of your authenticator app')
      .fill(totpCode(key, Math.max(step + 1, totpStep(Date.now()))));
    await button('Get fresh codes').click();
    await page.locator('.recovery-codes').waitFor();
    const [fresh = ''] = await page.locator('.recovery-codes li').allInnerTexts();
    await button('I have kept them').click();
    await page.getByText('8 codes are still good.').waitFor();

    await page.locator('.top').getByRole('button', { name: 'Sign out' }).click();
    await fillCredentials(page, 'bo');
    await page.getByRole('heading', { name: 'One step more' }).waitFor();
    expect(await page.locator('input[name=password]').isVisible()).toBe(false);
    expect(await faultsOf(page)).toEqual([]);
    await page.locator('input[name=code]').fill('not a code');
    await button('Go on').click();
    await page.getByText('That code is wrong').waitFor();
    await page.locator('input[name=code]').fill(fresh);
    await button('Go on').click();
    await page.getByText('7 codes are still good.').waitFor();
    await bo.close();
  });

  it('changes the password, and deletes the account after a second look', async () => {
    const cy = await newPerson(browser, castling, { name: 'cy' });
    const { page } = cy;
    const button = (name: string) => page.getByRole('button', { name });
    await page.getByRole('link', { name: /cy$/ }).click();
    await button('Change password').click();
    await page.getByLabel('New password').fill('another corner');
    await page.getByLabel('Your password').fill(password);
    await button('Change password').click();
    await page.getByText('Your password is changed.').waitFor();
    await button('Delete account…').click();
    await page.getByText('There is no way back.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Your password').fill('another corner');
    await button('Yes, delete it for good').click();
    await page.getByText('This account has been deleted.').waitFor();
    await fillCredentials(page, 'cy', 'another corner');
    await page.getByText('The name or the password is wrong.').waitFor();
    await cy.close();
  });
});

describe('a terminal', () => {
  it('is let in by a passkey on the page, after a look at who asks', async () => {
    const dot = await newPerson(browser, castling, { name: 'dot' });
    const { page } = dot;
    await VirtualAuthenticator.plugInto(page);
    await page.getByRole('link', { name: /dot$/ }).click();
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('Your password').fill(password);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey is added.').waitFor();
    await page.locator('.top').getByRole('button', { name: 'Sign out' }).click();

    const login = new CliProcess(['login', '--browser', '--json'], {
      home,
      url: castling.url,
      ca: castling.ca,
    });
    login.finish();
    await login.sees('deviceCode');
    const [{ userCode, pageWithCode } = {}] = login.objects;
    await page.goto(String(pageWithCode));
    await page.getByText('A terminal waits to be let in.').waitFor();
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('Does the terminal show this code?').waitFor();
    expect(await page.locator('.terminal-code').innerText()).toBe(userCode);
    await page.getByText('castling (linux)', { exact: true }).waitFor();
    await page.getByText('127.0.0.1').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use a passkey instead' }).click();
    await page.getByText('The terminal is signed in.').waitFor();
    expect(await login.done).toBe(0);
    expect(login.objects.at(-1)).toMatchObject({ type: 'signedIn', name: 'dot' });
    await dot.close();
  });

  it('is not found by a code that none shows, and refused by a press', async () => {
    const eve = await newPerson(browser, castling, { name: 'eve' });
    const { page } = eve;
    await page.goto(`${castling.url}/#/device`);
    await page.locator('input[name=user-code]').fill('AEIO');
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByText('A code has 8 letters').waitFor();
    await page.locator('input[name=user-code]').fill('bbbb bbbb');
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByText('No terminal waits with this code').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    const login = new CliProcess(['login', '--browser', '--json'], {
      home,
      url: castling.url,
      ca: castling.ca,
    });
    login.finish();
    await login.sees('deviceCode');
    await page.goto(String(login.objects[0]?.pageWithCode));
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('The terminal is refused.').waitFor();
    expect(await login.done).not.toBe(0);
    await eve.close();
  });
});
