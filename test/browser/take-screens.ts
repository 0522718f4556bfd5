/**
 * Takes the pictures of the main screens that the documentation shows, from a real match: `node test/browser/take-screens.ts`.
 * It prints the name of each file that it has written to `docs/screens`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  createInvitation,
  fillCredentials,
  launchBrowser,
  newPerson,
  type Person,
  playInTurn,
} from '../support/browser-player.ts';
import { startCastling } from '../support/castling.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'screens');
const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

mkdirSync(folder, { recursive: true });
await using castling = await startCastling();
const browser = await launchBrowser();

const stranger = await newPerson(browser, castling, wide);
await stranger.page.locator('form.form').waitFor();
await take(stranger, 'sign-in');
const ada = await newPerson(browser, castling, { ...wide, name: 'ada' });
const bo = await newPerson(browser, castling, { ...phone, name: 'bo', colorScheme: 'dark' });
const eve = await newPerson(browser, castling, { ...wide, name: 'eve', colorScheme: 'dark' });

const link = await createInvitation(ada);
await ada.page.getByRole('button', { name: 'Show QR code' }).click();
await ada.page.locator('.qr path').waitFor();
await take(ada, 'invitation');
await bo.page.goto(link);
await bo.page.getByRole('button', { name: 'Take the seat' }).click();
await bo.page.locator('.ttt').waitFor();
await playInTurn([ada, bo], [4, 0, 2, 6, 3]);
await take(bo, 'match-phone-dark');
await take(ada, 'match');
await playInTurn([bo, ada], [8, 5]);
await ada.headline('You won');
await take(ada, 'won');

await ada.page.locator('.brand').click();
await ada.page.getByRole('button', { name: /^Open to everyone/ }).click();
await bo.page.locator('.brand').click();
await bo.page.getByRole('button', { name: /^Take the seat against ada/ }).click();
await bo.page.locator('.ttt').waitFor();
await playInTurn([ada, bo], [0, 4, 8]);
const cy = await newPerson(browser, castling, { ...wide, name: 'cy' });
await cy.page.getByRole('button', { name: /^Open to everyone/ }).click();
await cy.page.locator('.invitation-link').waitFor();
await bo.page.locator('.brand').click();
await bo.page.getByRole('link', { name: /^Replay/ }).waitFor();
await take(bo, 'lobby-phone-dark');
await ada.page.locator('.brand').click();
await ada.page.getByRole('link', { name: /^Replay/ }).waitFor();
await take(ada, 'lobby');
await ada.page.locator('.who-name').click();
await ada.page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
await take(ada, 'account');
await ada.page.locator('.brand').click();
await eve.page.getByRole('link', { name: 'Watch ada – bo' }).click();
await eve.page.getByText('You are watching').waitFor();
await take(eve, 'watching-dark');

const pia = await newPerson(browser, castling, { ...phone, locale: 'de-DE' });
await pia.page.getByRole('radio').nth(1).check();
await take(pia, 'sign-in-phone-german');
await fillCredentials(pia.page, 'pia');
await pia.page.locator('.recovery-codes').waitFor();
await take(pia, 'recovery-codes-phone-german');
await browser.close();

async function take({ page }: Person, name: string): Promise<void> {
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  process.stdout.write(`${name}.png\n`);
}
