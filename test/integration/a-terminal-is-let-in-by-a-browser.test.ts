import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { CliProcess, runCli } from '../support/cli-process.ts';
import { SessionProxies } from '../support/session-proxies.ts';

const home = mkdtempSync(join(tmpdir(), 'castling-device-'));
const password = 'correct horse';
let proxies: SessionProxies;
let anna: TokenAnswer;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 2 });
  anna = (await proxies.accounts.post('/auth/register', { name: 'anna', password })).json();
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

describe('a terminal is signed in by a browser', () => {
  it('through whichever proxy it asks, with a session of its own that its owner sees and ends', async () => {
    const options = { home, url: proxies.urls[1] ?? '', ca: proxies.certificates.path('ca.pem') };
    const login = new CliProcess(['login', '--browser', '--json'], options);
    login.finish();
    await login.sees('deviceCode');
    const [{ userCode, page, pageWithCode } = {}] = login.objects;
    expect(pageWithCode).toBe(`${options.url}/#/device/${userCode}`);
    expect(page).toBe(`${options.url}/#/device`);

    // Somebody looks and agrees at another process than the one that the terminal asks.
    const look = await proxies.accounts.post('/auth/device/look', { user_code: userCode }, anna.access_token);
    expect(look.json()).toMatchObject({ device: 'terminal (linux)', address: '127.0.0.1', isNear: true });
    expect(look.json().userAgent).toBe('castling (linux)');
    const approval = { user_code: userCode, current_password: password };
    const approved = await proxies.accounts.post('/auth/device/approve', approval, anna.access_token);
    expect(approved.statusCode).toBe(204);

    expect(await login.done).toBe(0);
    expect(login.objects.at(-1)).toMatchObject({ type: 'signedIn', name: 'anna' });
    const { sessions } = (await proxies.accounts.get('/auth/sessions', anna.access_token)).json();
    expect(sessions.map(({ device }: { device: string | null }) => device).toSorted()).toContain(
      'terminal (linux)',
    );
    const whoami = await runCli(['whoami', '--json'], options);
    expect(JSON.parse(whoami.stdout)).toMatchObject({ name: 'anna' });
    expect(JSON.parse(whoami.stdout).session).not.toBe(anna.session);
    for (const text of [login.stdout, login.stderr]) expect(text).not.toMatch(/cdc_|crt_|eyJ/);
  });

  it('and not when its owner refuses', async () => {
    const options = { home, url: proxies.urls[0] ?? '', ca: proxies.certificates.path('ca.pem') };
    const login = new CliProcess(['login', '--browser', '--json'], options);
    login.finish();
    await login.sees('deviceCode');
    const [{ userCode } = {}] = login.objects;
    await proxies.accounts.post('/auth/device/deny', { user_code: userCode }, anna.access_token);
    expect(await login.done).not.toBe(0);
    expect(login.objects.at(-1)).toMatchObject({ type: 'error', code: 'access_denied' });
  });
});
