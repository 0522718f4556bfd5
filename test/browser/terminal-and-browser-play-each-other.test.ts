import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInvitation, launchBrowser, newPerson } from '../support/browser-player.ts';
import { type RunningCastling, runCastling, startCastling } from '../support/castling.ts';

const home = mkdtempSync(join(tmpdir(), 'castling-terminal-'));
let castling: RunningCastling;
let browser: Browser;

beforeAll(async () => {
  castling = await startCastling();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await castling?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

describe('a terminal and a browser', () => {
  it('play one match to its end', async () => {
    const ada = await newPerson(browser, castling, { name: 'ada' });
    const code = (await createInvitation(ada)).split('/').at(-1) ?? '';
    const registered = await runCastling(castling, {
      args: ['register', 'tess', '--password-stdin'],
      home,
      input: 'a quiet corner of the board\n',
    });
    expect(registered).toMatchObject({ code: 0 });
    // Squares count from 1 there: top left, bottom left, bottom right.
    const terminal = runCastling(castling, {
      args: ['play', 'tic-tac-toe', '--join', code, '--plain'],
      home,
      input: '1\n7\n9\n',
    });
    await ada.page.locator('.ttt').waitFor();
    for (const square of [4, 2, 3, 5]) await ada.play(square);
    await ada.headline('You won');
    await ada.page.getByRole('button', { name: 'Move 2: tess, top left' }).waitFor();
    const { stdout, code: exitCode } = await terminal;
    expect(stdout).toContain('opp has won');
    expect(exitCode).toBe(0);
    await ada.close();
  });
});
