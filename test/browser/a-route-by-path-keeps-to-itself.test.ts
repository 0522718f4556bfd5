import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, newPerson } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';

let upstream: HttpUpstreamFixture;
let castling: RunningCastling;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));

beforeAll(async () => {
  upstream = await HttpUpstreamFixture.start((request, response) => {
    switch (request.url) {
      case '/':
        response.writeHead(200, { 'content-type': 'text/html', 'service-worker-allowed': '/' });
        response.end('<!doctype html><title>game</title><p>the game</p>');
        break;
      case '/worker.js':
        response.writeHead(200, { 'content-type': 'text/javascript', 'service-worker-allowed': '/' });
        response.end("self.addEventListener('message', () => {});");
        break;
      case '/to-refresh':
        response.writeHead(307, { location: `${castling.url}/auth/refresh` }).end();
        break;
      default:
        response.end(`hello ${request.headers['castling-assertion'] === undefined ? 'nobody' : 'player'}`);
    }
  });
  const settings = join(folder, 'castling.yaml');
  writeFileSync(
    settings,
    `routes: [{ name: app, kind: http, path: /app/, upstreams: [{ address: 127.0.0.1:${upstream.port} }] }]\n`,
  );
  castling = await startCastling({ args: ['--settings', settings] });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
  await upstream?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const inGame = (page: Page) => page.getByText('the game').waitFor();

describe('a page of a route by path', () => {
  it('opens for who is signed in at Castling’s own page, by itself', async () => {
    const { page, close } = await newPerson(browser, castling, { name: 'ruth' });
    await page.goto(`${castling.url}/app/`);
    await inGame(page);
    expect(page.url()).toBe(`${castling.url}/app/`);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(await page.evaluate(async () => await (await fetch('/app/who')).text())).toBe('hello player');
    await close();
  });

  it('waits for who is not, and goes on when they come back', async () => {
    const { page, newTab, close } = await newPerson(browser, castling, { name: 'saul' });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.locator('form.form').waitFor();
    const game = await newTab();
    await game.goto(`${castling.url}/app/`);
    await game.getByText('Sign in first.').waitFor();
    expect(new URL(game.url()).pathname).toBe('/routes/app/enter');
    await close();
  });

  it('gets at nothing of Castling’s: no token, no cookie, no page', async () => {
    const { page, newTab, close } = await newPerson(browser, castling, { name: 'tess' });
    const lobby = page;
    const game = await newTab();
    await game.goto(`${castling.url}/app/`);
    await inGame(game);
    const found = await game.evaluate(async () => {
      const heard: unknown[] = [];
      const channel = new BroadcastChannel('castling.session');
      channel.onmessage = ({ data }) => void heard.push(data);
      channel.postMessage({ kind: 'who-has-one' });
      const refresh = async (url: string) => {
        const headers = { 'castling-client': 'browser', 'content-type': 'application/json' };
        const answer = await fetch(url, { method: 'POST', headers, body: '{}' }).catch(() => undefined);
        return answer?.status === 200 ? await answer.text() : 'nothing';
      };
      const opened = window.open('/');
      await new Promise((resolve) => setTimeout(resolve, 500));
      const page = (() => {
        try {
          return opened?.document.title ?? 'nothing';
        } catch {
          return 'nothing';
        }
      })();
      const frame = document.createElement('iframe');
      frame.src = '/';
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 500));
      const framed = frame.contentDocument?.title ?? 'nothing';
      const worker = await navigator.serviceWorker.register('/app/worker.js', { scope: '/' }).then(
        () => 'everything',
        () => 'nothing',
      );
      return {
        direct: await refresh('/auth/refresh'),
        redirected: await refresh('/app/to-refresh'),
        page: page === '' ? 'nothing' : page,
        framed: framed === '' ? 'nothing' : framed,
        worker,
        heard: JSON.stringify(heard),
      };
    });
    expect(found).toMatchObject({ direct: 'nothing', redirected: 'nothing', worker: 'nothing', heard: '[]' });
    expect([found.page, found.framed].join()).not.toContain('Castling');
    await lobby.getByText('tess', { exact: true }).waitFor();
    await close();
  });
});
