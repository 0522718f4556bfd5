import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillCredentials, keepCodes, launchBrowser, newPerson } from '../support/browser-player.ts';
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

const refreshCookie = '__Host-castling';
const inLobby = (page: Page) => page.locator('.lobby').waitFor();
const inForm = (page: Page) => page.locator('form.form').waitFor();

describe('a sign-in in the browser', () => {
  it('F4 keeps its refresh token in a cookie that scripts cannot see, and no token anywhere else', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'ida' });
    const cookies = await page.context().cookies();
    expect(cookies.map(({ name }) => name)).toContain(refreshCookie);
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ path: '/', secure: true, httpOnly: true, sameSite: 'Strict' });
      expect(cookie.name).toMatch(/^__Host-castling/);
    }
    const kept = await page.evaluate(async () => ({
      cookies: document.cookie,
      local: { ...localStorage },
      session: { ...sessionStorage },
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
      address: location.href,
    }));
    expect(kept).toEqual({
      cookies: '',
      local: { 'castling.signed-in': '1' },
      session: {},
      databases: [],
      caches: [],
      address: `${castling.url}/`,
    });
    await close();
  });

  it('lasts over a reload', async () => {
    const { page, complaints, close } = await newPerson(browser, castling, { name: 'jan' });
    await page.reload();
    await inLobby(page);
    await page.getByText('jan', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('goes from tab to tab, one refresh at a time, and no tab is told another one’s token', async () => {
    const { page, newTab, close } = await newPerson(browser, castling, { name: 'kim' });
    let refreshes = 0;
    page.context().on('request', (request) => {
      if (request.url().endsWith('/auth/refresh')) refreshes += 1;
    });
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(window, { told });
      new BroadcastChannel('castling.session').onmessage = ({ data }) => void told.push(data);
    });
    const second = await newTab();
    await second.goto(castling.url);
    await inLobby(second);
    expect(refreshes).toBe(1);
    expect(await page.evaluate(() => JSON.stringify(Reflect.get(window, 'told')))).not.toContain('eyJ');

    // Eight tabs at once use the cookie one after the other, and nobody is signed out.
    const tabs = [page, second, ...(await Promise.all(Array.from({ length: 6 }, newTab)))];
    await Promise.all(tabs.map((tab) => tab.goto('about:blank')));
    await Promise.all(tabs.map((tab) => tab.goto(castling.url)));
    await Promise.all(tabs.map(inLobby));
    expect(refreshes).toBe(9);
    await close();
  });

  it('ends in every tab when one signs out, on the server too', async () => {
    const { page, newTab, close } = await newPerson(browser, castling, { name: 'lea' });
    const second = await newTab();
    await second.goto(castling.url);
    await inLobby(second);
    const cookie = (await page.context().cookies()).find(({ name }) => name === refreshCookie);
    const answered = page.waitForResponse((response) => response.url().includes('/auth/logout'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await Promise.all([inForm(page), inForm(second)]);
    expect((await (await answered).allHeaders())['clear-site-data']).toBe('"cache", "storage"');
    expect((await page.context().cookies()).map(({ name }) => name)).not.toContain(refreshCookie);
    // The old cookie, put back, is worth nothing.
    if (cookie === undefined) throw new Error('There was no cookie.');
    await page.context().addCookies([cookie]);
    await page.evaluate(() => localStorage.setItem('castling.signed-in', '1'));
    await page.reload();
    await inForm(page);
    await page.getByText('You were signed out.').waitFor();
    await close();
  });

  it('goes on under another name in every tab', async () => {
    const { page, newTab, close } = await newPerson(browser, castling, { name: 'max' });
    const second = await newTab();
    await second.goto(castling.url);
    await inLobby(second);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await inForm(second);
    await second.getByRole('radio').nth(1).check();
    await fillCredentials(second, 'nora');
    await keepCodes(second);
    await Promise.all([page, second].map((tab) => tab.getByText('nora', { exact: true }).waitFor()));
    await close();
  });

  it('ends here within a second of being ended on another device, and says so', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'olga' });
    const elsewhere = page.context().request;
    const login = await elsewhere.post(`${castling.url}/auth/login`, {
      data: { name: 'olga', password: 'a quiet corner of the board' },
    });
    const { access_token: token } = await login.json();
    const before = Date.now();
    await elsewhere.post(`${castling.url}/auth/logout?scope=others`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await inForm(page);
    expect(Date.now() - before).toBeLessThan(2_000);
    await page.getByText('You signed this device out from another one.').waitFor();
    await close();
  });

  it('comes back with a recovery code when the password is lost', async () => {
    const { page, close } = await newPerson(browser, castling);
    await page.getByRole('radio').nth(1).check();
    await fillCredentials(page, 'pia');
    await page.locator('.recovery-codes li').first().waitFor();
    const [code = '', ...others] = await page.locator('.recovery-codes li').allTextContents();
    expect(others.length).toBeGreaterThanOrEqual(5);
    await keepCodes(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Forgot your password?' }).click();
    await page.locator('input[name=code]').fill('not a code');
    await fillCredentials(page, 'pia', 'another corner of the board');
    await page.getByRole('alert').getByText('the code was used before').waitFor();
    await page.locator('input[name=code]').fill(code);
    await fillCredentials(page, 'pia', 'another corner of the board');
    await inLobby(page);
    await close();
  });

  it('says what to do when it fails', async () => {
    const { page, close } = await newPerson(browser, castling);
    await inForm(page);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('Type your name.').waitFor();
    await fillCredentials(page, 'nobody-here', 'wrong password');
    await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    await page.getByRole('radio').nth(1).check();
    await fillCredentials(page, 'ida', 'another password');
    await page.getByRole('alert').getByText('is taken. Choose another').waitFor();
    await fillCredentials(page, 'castl ing!', 'another password');
    await page.getByRole('alert').getByText('letters and digits').waitFor();
    await close();
  });
});
