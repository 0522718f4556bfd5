import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson } from '../support/browser-player.ts';
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

describe('a passkey', () => {
  it('is made on the account page, signs in without a name and with one, is renamed and removed', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const { page } = ada;
    const authenticator = await VirtualAuthenticator.plugInto(page);
    const button = (name: string | RegExp) => page.getByRole('button', { name });

    await page.getByRole('link', { name: /ada$/ }).click();
    await button('Add a passkey').click();
    await page.getByLabel('What to call it').fill('laptop');
    await page.getByLabel('Your password').fill('not her password');
    await button('Add a passkey').click();
    await page.getByText('That is not your present password.').waitFor();
    await page.getByLabel('Your password').fill(password);
    await button('Add a passkey').click();
    await page.getByText('The passkey is added.').waitFor();
    expect(await authenticator.credentials()).toMatchObject([{ rpId: 'localhost' }]);

    for (const name of ['', 'Ada']) {
      await button('Sign out').first().click();
      await page.locator('input[name=name]').fill(name);
      await button('Sign in with a passkey').click();
      await page.getByRole('heading', { name: 'Your account' }).waitFor();
    }

    await button('Rename laptop').click();
    await page.getByLabel('What to call it').fill('desk');
    await button('Save').click();
    await button('Remove desk').click();
    await button('Use a passkey instead').click();
    await page.getByText('desk is removed.').waitFor();
    await page.getByText('You have none yet.').waitFor();

    await button('Sign out').first().click();
    await button('Sign in with a passkey').click();
    await page.getByText('This passkey does not open an account here').waitFor();
    expect(ada.foreignRequests).toEqual([]);
    const expected = /status of 40[13]/;
    expect(ada.complaints.filter((text) => !expected.test(text))).toEqual([]);
    await ada.close();
  });

  it('is not taken from a finger that is not its owner’s', async () => {
    const bo = await newPerson(browser, castling, { name: 'bo' });
    const { page } = bo;
    const authenticator = await VirtualAuthenticator.plugInto(page);
    await page.getByRole('link', { name: /bo$/ }).click();
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('Your password').fill(password);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('The passkey is added.').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).first().click();
    await authenticator.setUserVerified(false);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('No passkey was used').waitFor();
    await bo.close();
  });
});
