import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInvitation, launchBrowser, newPerson, type Person } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

let castling: RunningCastling;
let browser: Browser;
let ada: Person;
let guest: Person;

beforeAll(async () => {
  castling = await startCastling();
  browser = await launchBrowser();
  [ada, guest] = await Promise.all([
    newPerson(browser, castling, { name: 'ada' }),
    newPerson(browser, castling),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
});

const nameOf = async (page: Page): Promise<string> =>
  (await page.locator('.who-name bdi').textContent()) ?? '';

it('somebody plays without an account, and makes one of it in mid-match without losing a thing', async () => {
  const sockets: string[] = [];
  guest.page.on('websocket', (socket) => sockets.push(socket.url()));
  await guest.page.getByRole('button', { name: 'Play as a guest' }).click();
  await guest.page.locator('.lobby').waitFor();
  const name = await nameOf(guest.page);
  expect(name).toMatch(/^[a-z]+-[a-z]+-\d{3}$/);
  expect(await guest.page.locator('.who-name').textContent()).toContain('(guest)');

  // A guest's account page is the way to an account, and back.
  await guest.page.locator('.who-name').click();
  await guest.page.getByRole('button', { name: 'Later' }).click();
  await guest.page.locator('.lobby').waitFor();

  const link = await createInvitation(guest);
  await ada.page.goto(link);
  await ada.page.getByRole('button', { name: 'Take the seat' }).click();
  await Promise.all([ada, guest].map(({ page }) => page.locator('.ttt').waitFor()));
  await ada.page.locator('.plate-name', { hasText: `${name} (guest)` }).waitFor();
  await guest.play(4);
  await ada.square(4).locator('[data-look="set"]').waitFor();
  const before = sockets.length;

  await guest.page.getByRole('button', { name: 'Keep this account' }).click();
  await guest.page.getByRole('heading', { name: 'Keep this account' }).waitFor();
  await guest.page.getByRole('button', { name: 'Later' }).click();
  await guest.page.locator('.ttt').waitFor();
  await guest.page.locator('header').getByRole('button', { name: 'Keep this account' }).click();
  await guest.page.locator('input[name=name]').fill('grace');
  await guest.page.locator('input[name=password]').fill('a quiet corner of the board');
  await guest.page.locator('form.form button[type=submit]').click();
  // The opponent moves while the codes are being written down.
  await guest.page.locator('.recovery-codes li').first().waitFor();
  expect(await guest.page.locator('.recovery-codes li').count()).toBe(8);
  await ada.play(0);
  await guest.page.getByRole('button', { name: 'I have kept them' }).click();

  await guest.square(0).locator('[data-look="set"]').waitFor();
  expect(await nameOf(guest.page)).toBe('grace');
  expect(await guest.page.locator('.who-name').textContent()).not.toContain('(guest)');
  await guest.play(8);
  await ada.square(8).locator('[data-look="set"]').waitFor();
  expect(sockets.length).toBe(before);
  await ada.page.reload();
  await ada.page.locator('.plate-name', { hasText: 'grace' }).waitFor();
  expect([...ada.complaints, ...guest.complaints]).toEqual([]);
});
