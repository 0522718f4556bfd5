import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlRoutes } from '../../src/process/control/index.ts';
import { createLogger } from '../../src/process/logger.ts';
import { createMetrics } from '../../src/process/metrics.ts';
import { Primary } from '../../src/proxy/primary/primary.ts';
import { loadSettings, SettingsFollowers } from '../../src/settings/index.ts';
import { callConstantly } from '../support/constant-callers.ts';

/** How it is on Windows, and on a Node without bound sockets: the primary accepts, and hands each connection to a worker in turn. */
const folder = mkdtempSync(join(tmpdir(), 'castling-handed-'));
let primary: Primary;
let ca: string;

beforeAll(async () => {
  const program = new URL('../../src/main.ts', import.meta.url).pathname;
  const certs = join(folder, 'certs');
  execFileSync(process.execPath, [program, 'certs', '--certs', certs], { stdio: 'ignore' });
  ca = readFileSync(join(certs, 'ca.pem'), 'utf8');
  const given = {
    data: folder,
    certs,
    'proxy.host': '127.0.0.1',
    'proxy.port': '0',
    'proxy.adminPort': '0',
    'proxy.workers': '2',
    'proxy.link': '127.0.0.1:1',
    'log.level': 'error',
  };
  const flags = Object.entries(given).map(([key, text]) => ({ key, text, flag: '--set' }));
  const { settings } = await loadSettings({ flags, env: {}, cwd: folder });
  const logger = createLogger({ name: 'proxy', level: 'error' });
  primary = new Primary({
    settings: new SettingsFollowers(settings, logger),
    control: new ControlRoutes({ from: 'primary', logger }),
    metrics: createMetrics(),
    logger,
    random: Math.random,
    accepting: 'handed',
  });
  await primary.start();
});
afterAll(async () => {
  await primary.drain();
  rmSync(folder, { recursive: true });
});

async function metricsNow(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${primary.ports.adminPort}/metrics`);
  return await answer.text();
}

it('workers that are handed connections serve them in turn, and can be replaced', async () => {
  await vi.waitFor(
    async () => expect(await metricsNow()).toMatch(/castling_proxy_workers\{process="primary"\} 2/),
    { timeout: 60_000 },
  );
  const calls = callConstantly(primary.ports, { ca, callers: 2, path: '/.well-known/jwks.json' });
  await expect.poll(() => calls.answered, { timeout: 30_000 }).toBeGreaterThan(20);
  await primary.reload();
  const before = calls.answered;
  await expect.poll(() => calls.answered, { timeout: 30_000 }).toBeGreaterThan(before + 20);
  const { failures } = await calls.stop();
  expect(Object.keys(failures)).toEqual([]);
});
