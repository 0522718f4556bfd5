import { join } from 'node:path';
import type { Command } from 'commander';
import { createAuth, readKeyEncryptionFile, type SessionLimits } from '../auth/index.ts';
import { ControlRoutes, ControlServer, controlPath } from '../process/control/index.ts';
import { ensureFolder, packageRoot } from '../process/folders.ts';
import { LiveCertificates } from '../process/live-certificates.ts';
import { createMetrics } from '../process/metrics.ts';
import { runCommand } from '../process/run-command.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import {
  openSettings,
  type Settings,
  type SettingsSources,
  settingsOptions,
  shownSettings,
} from '../settings/index.ts';
import { dialBackend } from './link/dial-backend.ts';
import { liveLinkCredentials } from './link/live-link-credentials.ts';
import { EdgeCertificates } from './listener/certificates/edge-certificates.ts';
import { registerStatus } from './operator/status.ts';
import { ProxyProcess } from './proxy-process.ts';
import { webPage } from './web/web-page.ts';

/** What access tokens are made by and for; the same on every proxy of an installation, whatever its address. */
const issuer = 'https://castling.internal';
const audience = 'castling';

/** `castling proxy`, the edge that players reach, and what its operator asks it. */
export function register(program: Command): void {
  registerStatus(program);
  const command = program
    .command('proxy')
    .description('Run the edge that players reach: TLS, accounts, policy, and the link to the game backend.');
  const sources = settingsOptions(command, [
    ...['proxy.host', 'proxy.port', 'proxy.adminPort', 'proxy.link', 'proxy.origins'],
    ...['data', 'certs', 'auth.store', 'auth.keyEncryptionFile'],
  ]);
  command.action(async () => await runCommand(async () => await run(sources())));
}

/** What the proxy obeys of the settings; it is silent about changes of the rest. */
const concerns = ['data', 'certs', 'log', 'proxy', 'auth', 'limits'];

async function run(sources: SettingsSources): Promise<void> {
  const metrics = createMetrics();
  const opened = await openSettings(sources, {
    name: 'proxy',
    concerns,
    metrics,
  });
  const { settings, logger } = opened;
  const { data, certs, proxy: edge, auth: accounts, limits } = settings.current;
  await ensureFolder(data, { flag: '--data' });
  const live = new LiveCertificates({ logger, metrics });
  const certificates = await EdgeCertificates.load({
    pairs: [{ certificate: join(certs, 'proxy.pem'), key: join(certs, 'proxy-key.pem') }],
    live,
  });
  const linkCredentials = await liveLinkCredentials({ folder: certs, live });
  const auth = await createAuth({
    storeUrl: accounts.store,
    issuer,
    audience,
    logger,
    accessTokenSeconds: accounts.accessTokenLifetime / 1_000,
    passwords: { minimumLength: accounts.passwords.minimumLength },
    sessionLimits: sessionLimitsFrom(accounts.sessions),
    ...(accounts.keyEncryptionFile !== undefined && {
      keyEncryptionSecret: await readKeyEncryptionFile(accounts.keyEncryptionFile),
    }),
  });
  const routes = new ControlRoutes();
  routes.add('POST /config/reload', () => settings.reload('command'));
  routes.add('GET /config', () => shownSettings(settings));
  const control = new ControlServer({ find: (route) => routes.find(route), from: 'proxy', logger });
  const proxy = new ProxyProcess({
    auth,
    control: routes,
    certificates,
    logger,
    metrics,
    origins: edge.origins,
    policy: { limits },
    shownSettings: () => shownSettings(settings),
    page: await webPage({ folder: join(packageRoot(), 'dist', 'web') }),
    host: edge.host,
    port: edge.port,
    adminPort: edge.adminPort,
    dial: () => dialBackend({ ...edge.link, ...linkCredentials() }),
  });
  settings.subscribe(({ proxy: { origins } }) => origins, {
    apply: (origins) => proxy.allowOrigins(origins),
  });
  settings.subscribe((next) => next.limits, { apply: (limits) => proxy.limit(limits) });
  try {
    await proxy.start();
    await control.listen(controlPath(data));
  } catch (error) {
    await auth.close();
    throw error;
  }
  const drain = async () => {
    opened.stop();
    live.stop();
    await proxy.drain();
    await control.close();
  };
  drainOnStop(drain, { onStop: (event) => logger.info(event, 'stopping') });
  opened.follow(() => void live.reload());
  process.send?.({ type: 'ready', ...proxy.ports });
}

function sessionLimitsFrom(sessions: Settings['auth']['sessions']): Partial<SessionLimits> {
  return {
    refreshSeconds: sessions.idleLifetime / 1_000,
    sessionSeconds: sessions.lifetime / 1_000,
    sessionsPerPlayer: sessions.perPlayer,
    graceSeconds: sessions.refreshGrace / 1_000,
  };
}
