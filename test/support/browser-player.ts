/** Persons in front of browsers of their own, who use the real page of a running Castling. */
import { accessSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { RunningCastling } from './castling.ts';

const chromiumPath = process.env.CASTLING_CHROMIUM ?? '/usr/bin/chromium';
/** Milliseconds until something that should appear counts as missing. */
const patienceMs = 15_000;

/** Headless, and with everything off by which a browser calls home. */
export async function launchBrowser(): Promise<Browser> {
  accessSync(chromiumPath);
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
}

export interface PersonOptions extends BrowserContextOptions {
  /** What they register as. Without it they stay a stranger. */
  readonly name?: string;
}

export interface Person {
  readonly name: string;
  readonly page: Page;
  /** Errors on the console, uncaught exceptions, and breaches of the content policy. */
  readonly complaints: string[];
  /** Addresses on other hosts that the page asked for. */
  readonly foreignRequests: string[];
  /** Another tab of the same browser. */
  newTab(): Promise<Page>;
  square(number: number): ReturnType<Page['locator']>;
  /** Plays a square of tic-tac-toe, from 0, and waits until it stands. */
  play(square: number): Promise<void>;
  headline(text: string): Promise<void>;
  close(): Promise<void>;
}

const password = 'a quiet corner of the board';

export async function newPerson(
  browser: Browser,
  castling: Pick<RunningCastling, 'url'>,
  { name = '', ...options }: PersonOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  const complaints: string[] = [];
  const foreignRequests: string[] = [];
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`content policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (event) => complaints.push(String(event.error().stack)));
  const { host } = new URL(castling.url);
  context.on('request', (request) => {
    if (new URL(request.url()).host !== host) foreignRequests.push(request.url());
  });
  const page = await context.newPage();
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) foreignRequests.push(socket.url());
  });
  await page.goto(castling.url);
  if (name !== '') await register(page, name);

  const square = (number: number) => page.locator(`[data-square="${number}"]`);
  return {
    name,
    page,
    complaints,
    foreignRequests,
    newTab: () => context.newPage(),
    square,
    async play(number) {
      await page.locator(`[data-square="${number}"][data-legal]`).click();
      await square(number).locator('[data-look="set"]').waitFor();
    },
    async headline(text) {
      await page.locator('.headline', { hasText: text }).waitFor();
    },
    close: () => context.close(),
  };
}

async function register(page: Page, name: string): Promise<void> {
  await page.getByRole('radio').nth(1).check();
  await fillCredentials(page, name);
  await keepCodes(page);
}

/** After registering: goes on to the lobby. */
export async function keepCodes(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(I have kept them|Ich habe sie notiert)$/ }).click();
  await page.locator('.lobby').waitFor();
}

/** On the sign-in screen: fills the form and sends it. */
export async function fillCredentials(page: Page, name: string, secret = password): Promise<void> {
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(secret);
  await page.locator('form.form button[type=submit]').click();
}

/** Seats two persons in a private match by its link; the first one plays X. */
export async function startMatch(first: Person, second: Person): Promise<void> {
  await second.page.goto(await createInvitation(first));
  await second.page.getByRole('button', { name: /^(Take the seat|Platz nehmen)$/ }).click();
  await Promise.all([first, second].map(({ page }) => page.locator('.ttt').waitFor()));
}

/** The link that lets somebody into a new private match of this person. */
export async function createInvitation({ page }: Person): Promise<string> {
  await page.getByRole('button', { name: /^(Invite a friend|Freunde einladen)/ }).click();
  return await page.locator('.invitation-link').inputValue();
}

/** Plays squares in turn, the first person beginning, each one seen by both before the next. */
export async function playInTurn(
  [first, second]: readonly [Person, Person],
  squares: readonly number[],
): Promise<void> {
  for (const [index, square] of squares.entries()) {
    const [mover, other] = index % 2 === 0 ? [first, second] : [second, first];
    await mover.play(square);
    await other.square(square).locator('[data-look="set"]').waitFor();
  }
}
