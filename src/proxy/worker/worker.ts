/** The composition root of a worker: one of the processes that serve players. */
import type { Server as HttpsServer } from 'node:https';
import { join } from 'node:path';
import {
  authLimitsFrom,
  createAuth,
  type GuestRules,
  issuersFrom,
  readKeyEncryptionFile,
  relyingParties,
} from '../../auth/index.ts';
import { ControlRoutes } from '../../process/control/index.ts';
import { packageRoot } from '../../process/folders.ts';
import { LiveCertificates } from '../../process/live-certificates.ts';
import { createLogger } from '../../process/logger.ts';
import { createMetrics } from '../../process/metrics.ts';
import { drainOnStop } from '../../process/stop-signals.ts';
import { followTraces, type Settings, SettingsFollowers } from '../../settings/index.ts';
import { addressTrust, edgePairs, followEdgeSettings, strictTransportFrom } from '../edge-settings.ts';
import { dialBackend } from '../link/dial-backend.ts';
import { liveLinkCredentials } from '../link/live-link-credentials.ts';
import { EdgeCertificates } from '../listener/certificates/edge-certificates.ts';
import { listen } from '../listener/listen.ts';
import { Filters } from '../policy/filters/filters.ts';
import { ProxyProcess } from '../proxy-process.ts';
import { httpRouteSources, httpRoutesFrom } from '../routes/http/http-routes-from.ts';
import { tcpRoutes } from '../routes/route-settings.ts';
import type { TunnelSettings } from '../tunnel/tunnels.ts';
import { webPage } from '../web/web-page.ts';
import type { PrimaryChannel } from './primary-channel.ts';
import { takeHanded } from './take-handed.ts';
import { sharedDescriptor, type WorkerBegin } from './worker-messages.ts';

/** What access tokens are made by and for; the same on every proxy of an installation, whatever its address. */
const issuer = 'https://castling.internal';
const audience = 'castling';

/** Serves players until the primary says otherwise, or has gone. @throws OperatorError when it cannot begin */
export async function runWorker(begin: WorkerBegin, channel: PrimaryChannel): Promise<void> {
  const { worker, port, accepting } = begin;
  const { certs, log, proxy: edge, auth: accounts, limits, filters } = begin.settings;
  const from = `worker ${worker}`;
  let phase = 'beginning' as 'beginning' | 'serving' | 'leaving';
  let replaced = false;
  // Without the primary, who serves drains (below, and after this has been asked); who has not begun, or drains already, ends.
  process.on('disconnect', () => {
    if (phase !== 'serving') process.exit(1);
  });
  const logger = createLogger({ name: 'proxy', level: log.level }).child({ worker });
  const settings = new SettingsFollowers(begin.settings, logger);
  const metrics = createMetrics();
  const tracer = await followTraces(settings, { service: 'castling-proxy', logger });
  const live = new LiveCertificates({ logger, metrics });
  const certificates = await EdgeCertificates.load({ pairs: edgePairs(begin.settings), live });
  const linkCredentials = await liveLinkCredentials({ folder: certs, live });
  const auth = await createAuth({
    storeUrl: accounts.store,
    issuer,
    audience,
    logger,
    accessTokenSeconds: accounts.accessTokenLifetime / 1_000,
    relyingPartyOf: relyingParties({
      isOurs: (name) => certificates.isFor(name),
      domain: accounts.passkeyDomain,
    }),
    limits: authLimitsFrom(accounts),
    guests: guestRulesFrom(accounts.guests),
    issuers: await issuersFrom(accounts.issuers),
    ...(accounts.keyEncryptionFile !== undefined && {
      keyEncryptionSecret: await readKeyEncryptionFile(accounts.keyEncryptionFile),
    }),
  });
  const control = new ControlRoutes({ from, logger });
  let server: HttpsServer | undefined;
  const proxy = new ProxyProcess({
    name: from,
    auth,
    certificates,
    ticketKeys: Buffer.from(begin.ticketKeys, 'base64'),
    logger,
    metrics,
    tracer,
    control,
    addressTrust: addressTrust(begin.settings),
    strictTransport: strictTransportFrom(begin.settings),
    origins: edge.origins,
    slowAfterMs: log.slowAfter,
    slowness: begin.settings.slowness,
    policy: { limits, filters: new Filters(filters) },
    tunnels: tunnelSettings(begin.settings),
    onOutdated: (outdated) => channel.send({ type: 'outdated', outdated }),
    page: await webPage({ folder: join(packageRoot(), 'dist', 'web') }),
    backends: backendAddresses(settings.current),
    dial: (address) => dialBackend({ ...addressFrom(address), ...linkCredentials() }),
    open: async (made) => {
      server = made;
      if (accepting === 'shared') {
        await listen(made, { fd: sharedDescriptor, host: edge.host, port, flag: '--port' });
      }
    },
  });
  settings.subscribe(({ log }) => log.level, {
    apply: (level) => {
      logger.level = level;
    },
  });
  settings.subscribe(({ log }) => log.slowAfter, { apply: (ms) => proxy.callSlow(ms) });
  settings.subscribe((next) => next.proxy.origins, { apply: (origins) => proxy.allowOrigins(origins) });
  settings.subscribe(({ auth: accounts }) => authLimitsFrom(accounts), {
    apply: (limits) => auth.limit(limits),
  });
  settings.subscribe((next) => next.auth.issuers, {
    prepare: issuersFrom,
    apply: (_issuers, read) => auth.trustIssuers(read),
  });
  settings.subscribe((next) => next.auth.guests, {
    apply: (guests) => auth.ruleGuests(guestRulesFrom(guests)),
  });
  proxy.httpRoutes.apply(proxy.httpRoutes.prepare(await httpRoutesFrom(httpRouteSources(begin.settings))));
  proxy.drainUpstreams(begin.drained);
  settings.subscribe(httpRouteSources, {
    prepare: async (sources) => proxy.httpRoutes.prepare(await httpRoutesFrom(sources)),
    apply: (_sources, prepared) => proxy.httpRoutes.apply(prepared),
    abandon: (prepared) => proxy.httpRoutes.abandon(prepared),
  });
  settings.subscribe(tunnelSettings, { apply: (tunnels) => proxy.routeTunnels(tunnels) });
  followEdgeSettings(settings, { proxy, certificates });
  settings.subscribe((next) => next.slowness, { apply: (slowness) => proxy.bear(slowness) });
  settings.subscribe((next) => next.limits, { apply: (next) => proxy.limit(next) });
  settings.subscribe((next) => next.filters, {
    prepare: (rules) => new Filters(rules),
    apply: (_rules, made) => proxy.filter(made),
  });
  try {
    await proxy.start();
  } catch (error) {
    await auth.close();
    throw error;
  }

  phase = 'serving';
  // The primary hears it as well, and says what is to be done.
  process.on('SIGHUP', () => {});
  const drain = async () => {
    live.stop();
    await proxy.drain({ replaced });
    await tracer.close();
  };
  const stop = drainOnStop(drain, {
    onStop: (event) => {
      logger.info(event, 'stopping');
      if (event.kind !== 'draining') return;
      phase = 'leaving';
      channel.send({ type: 'leaving' });
    },
  });
  const takeConnection = takeHanded();
  channel.serve({
    ticketKeys: (keys) => proxy.setTicketKeys(keys),
    drained: (upstreams) => proxy.drainUpstreams(upstreams),
    outdated: (answers) => proxy.httpRoutes.forget(answers),
    connection: (socket) => takeConnection(server, socket),
    readFiles: () => void live.reload(),
    prepare: (next) => settings.prepare(next),
    find: (route) => control.find(route),
    drain: (isReplaced) => {
      replaced = isReplaced;
      stop.drain('asked');
    },
  });
  channel.send({ type: 'up', routes: control.names });
}

function guestRulesFrom({ keptFor, ...rules }: Settings['auth']['guests']): GuestRules {
  return { ...rules, keptSeconds: keptFor / 1_000 };
}

function tunnelSettings({ routes, auth }: Settings): TunnelSettings {
  return { routes: tcpRoutes(routes), operators: auth.operators };
}

/** Those that `castling start` runs on this machine; any of them, and each elsewhere, is learnt of from the others. */
function backendAddresses({ proxy: { link }, backend: { count } }: Settings): string[] {
  return Array.from({ length: count }, (_, index) => `${link.host}:${link.port + index}`);
}

/** The host may hold colons of its own. */
function addressFrom(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
}
