import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, newPerson } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { freePorts } from '../support/free-ports.ts';

const example = new URL('../../examples/boardgame/', import.meta.url);

let folder: string;
let castling: RunningCastling;
let game: { close(): void };
let browser: Browser;

beforeAll(async () => {
  if (!existsSync(new URL('node_modules/boardgame.io', example))) {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: example,
      stdio: 'ignore',
    });
  }
  const [port = 0] = await freePorts(1);
  folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
  const settings = join(folder, 'castling.yaml');
  const own = readFileSync(new URL('castling.yaml', example), 'utf8');
  writeFileSync(settings, own.replace('127.0.0.1:8000', `127.0.0.1:${port}`));
  castling = await startCastling({ args: ['--settings', settings] });
  const { startGameServer } = (await import(new URL('server.js', example).href)) as {
    startGameServer(options: { port: number; fetchKeys(): Promise<object> }): Promise<{ close(): void }>;
  };
  game = await startGameServer({ port, fetchKeys });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  game?.close();
  await castling?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function fetchKeys(): Promise<object> {
  return new Promise((resolve, reject) => {
    get(`${castling.url}/.well-known/jwks.json`, { ca: readFileSync(castling.ca) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    }).once('error', reject);
  });
}

const says = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();
const click = (page: Page, square: number) => page.getByLabel(`Square ${square}`).click();

it('boardgame.io’s tic-tac-toe is played to its end by two of its own clients through Castling', async () => {
  const [ada, grace] = await Promise.all(
    ['ada', 'grace'].map((name) => newPerson(browser, castling, { name })),
  );
  if (ada === undefined || grace === undefined) throw new Error('nobody came');
  const sockets: string[] = [];
  ada.page.on('websocket', (socket) => sockets.push(new URL(socket.url()).pathname));
  await ada.page.goto(`${castling.url}/boardgame/?match=one&seat=0`);
  await says(ada.page, 'Your turn.');
  const script = grace.page.waitForResponse(/client\.js$/);
  await grace.page.goto(`${castling.url}/boardgame/?match=one&seat=1`);
  expect((await script).headers()['cache-status']).toMatch(/^castling; hit/);
  await says(grace.page, 'Waiting for the other player.');
  await ada.page.getByText('The game server knows you as ada (y_').waitFor();
  await grace.page.getByText('The game server knows you as grace (y_').waitFor();
  for (const [hers, theirs] of [
    [1, 4],
    [2, 5],
  ] as const) {
    await says(ada.page, 'Your turn.');
    await click(ada.page, hers);
    await says(grace.page, 'Your turn.');
    await click(grace.page, theirs);
  }
  await says(ada.page, 'Your turn.');
  await click(ada.page, 3);
  await says(ada.page, 'You have won.');
  await says(grace.page, 'You have lost.');
  expect(sockets).toContain('/boardgame/socket.io/');
  expect([...ada.complaints, ...grace.complaints]).toEqual([]);
  await Promise.all([ada.close(), grace.close()]);
});
