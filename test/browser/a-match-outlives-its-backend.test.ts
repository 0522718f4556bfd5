import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser, newPerson, playInTurn, startMatch } from '../support/browser-player.ts';
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

/** Kills a process, and keeps the one that takes its place from running until the returned function is called. */
async function killAndHold(role: 'proxy' | 'backend' | 'worker'): Promise<() => void> {
  const killed = castling.pidOf(role);
  await castling.kill(role);
  const next = await vi.waitUntil(() => pidBeside(role, killed), { timeout: 10_000, interval: 5 });
  process.kill(next, 'SIGSTOP');
  return () => process.kill(next, 'SIGCONT');
}

function pidBeside(role: 'proxy' | 'backend' | 'worker', killed: number): number | undefined {
  try {
    const pid = castling.pidOf(role);
    return pid === killed ? undefined : pid;
  } catch {
    return undefined;
  }
}

describe('a match in the browser', () => {
  it('is told when the backend is killed, and goes on by itself with the move made meanwhile', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const bo = await newPerson(browser, castling, { name: 'bo' });
    await startMatch(ada, bo);
    await playInTurn([ada, bo], [4, 0]);

    const goOn = await killAndHold('backend');
    await Promise.all(
      [ada, bo].map(({ page }) => page.getByText('The game server is away for a moment.').waitFor()),
    );
    await ada.square(2).click();
    await ada.square(2).locator('[data-look="pending"]').waitFor();
    await ada.headline('Sending your move');
    goOn();
    await bo.square(2).locator('[data-look="set"]').waitFor();
    await ada.page.getByText('The game server is away for a moment.').waitFor({ state: 'hidden' });
    await playInTurn([bo, ada], [6, 3, 8, 5]);
    await ada.headline('You won');
    await bo.headline('ada won');
    expect(await bo.page.locator('.move').count()).toBe(7);
    await Promise.all([ada.close(), bo.close()]);
  });

  it('comes back by itself when the proxy is killed', async () => {
    const ida = await newPerson(browser, castling, { name: 'ida' });
    const jo = await newPerson(browser, castling, { name: 'jo' });
    await startMatch(ida, jo);
    await playInTurn([ida, jo], [4, 0]);

    const goOn = await killAndHold('proxy');
    await ida.page.getByText('Connection lost. Coming back by itself').waitFor();
    await ida.square(2).click();
    await ida.square(2).locator('[data-look="pending"]').waitFor();
    goOn();
    await jo.square(2).locator('[data-look="set"]').waitFor();
    await playInTurn([jo, ida], [6, 3, 8, 5]);
    await jo.headline('ida won');
    await Promise.all([ida.close(), jo.close()]);
  });

  it('says that one is offline, and catches up afterwards', async () => {
    const ada = await newPerson(browser, castling, { name: 'uma' });
    const bo = await newPerson(browser, castling, { name: 'vic' });
    await startMatch(ada, bo);
    await ada.play(4);
    await bo.square(4).locator('[data-look="set"]').waitFor();
    // A worker dies with its sockets; the primary's death lets them take their leave.
    // Chromium keeps open sockets when it is told that it is offline; a reload needs the network.
    await bo.page.context().setOffline(true);
    await bo.page.evaluate(() => dispatchEvent(new Event('offline')));
    expect(await bo.page.evaluate(() => navigator.onLine)).toBe(false);
    const goOn = await killAndHold('worker');
    await bo.page.getByText('You are offline.').waitFor();
    goOn();
    await bo.page.context().setOffline(false);
    await bo.play(0);
    await ada.square(0).locator('[data-look="set"]').waitFor();
    await Promise.all([ada.close(), bo.close()]);
  });
});
