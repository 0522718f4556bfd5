import { type Browser, devices, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInvitation, launchBrowser, newPerson } from '../support/browser-player.ts';
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

/** WCAG 2.2, 1.4.10: nothing to scroll sideways; 2.5.8: nothing smaller to tap than 24 by 24. */
async function expectToFit(page: Page): Promise<void> {
  const { overflow, small } = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - innerWidth,
    small: [...document.querySelectorAll<HTMLElement>('button, input, a.button')]
      .filter((element) => element.checkVisibility())
      .map((element) => ({ text: element.outerHTML.slice(0, 80), box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ text }) => text),
  }));
  expect(overflow).toBeLessThanOrEqual(0);
  expect(small).toEqual([]);
}

describe.each([
  ['a phone', devices['Pixel 7']?.viewport ?? { width: 412, height: 839 }],
  ['the narrowest screen, or 400 % zoom', { width: 320, height: 568 }],
])('on %s', (_what, viewport) => {
  it('every screen fits, and one plays with a finger', async () => {
    const phone = { viewport, hasTouch: true, isMobile: true, locale: 'de-DE' };
    const ada = await newPerson(browser, castling, phone);
    await ada.page.locator('form.form').waitFor();
    await expectToFit(ada.page);
    await ada.close();

    const name = `cassandra-${viewport.width}`;
    const cas = await newPerson(browser, castling, { ...phone, name });
    const bo = await newPerson(browser, castling, { name: `bo-${viewport.width}` });
    await expectToFit(cas.page);
    const link = await createInvitation(cas);
    await cas.page.getByRole('button', { name: 'QR-Code zeigen' }).click();
    await cas.page.locator('.qr path').waitFor();
    await expectToFit(cas.page);
    await bo.page.goto(link);
    await bo.page.getByRole('button', { name: 'Take the seat' }).click();
    await cas.page.locator('.ttt').waitFor();
    await cas.square(4).tap();
    await bo.square(4).locator('[data-look="set"]').waitFor();
    await expectToFit(cas.page);
    // The board is whole on the screen, whatever stands above it.
    const board = await cas.page.locator('.ttt').boundingBox();
    expect(board?.width).toBeGreaterThan(viewport.width * 0.7);
    await cas.page.getByRole('button', { name: 'Aufgeben' }).tap();
    await cas.page.getByRole('button', { name: 'Ja, aufgeben' }).tap();
    await cas.headline('hat gewonnen');
    await expectToFit(cas.page);
    expect(cas.complaints).toEqual([]);
    await Promise.all([cas.close(), bo.close()]);
  });
});
