import type { Command } from 'commander';
import { backendDoor, ControlRoutes, ControlServer, controlPath } from '../process/control/index.ts';
import { ExitCode } from '../process/exit-code.ts';
import { explainSystemError } from '../process/explain-system-error.ts';
import { ensureFolder } from '../process/folders.ts';
import { LiveCertificates } from '../process/live-certificates.ts';
import type { Logger } from '../process/logger.ts';
import { createMetrics, type Registry } from '../process/metrics.ts';
import { runCommand } from '../process/run-command.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import type { Tracer } from '../process/traces/tracer.ts';
import {
  followTraces,
  openSettings,
  type Settings,
  type SettingsSources,
  settingsOptions,
} from '../settings/index.ts';
import { StoreError } from '../store/index.ts';
import { type Backend, startBackend } from './backend.ts';
import {
  type LinkCredentials,
  type LinkFiles,
  linkFilesIn,
  readLinkCredentials,
} from './link/link-credentials.ts';

/** Registers `castling backend`. */
export function register(program: Command): void {
  const command = program
    .command('backend')
    .description(
      'run a game backend: the rules, the matches and their log, reached by proxies over the link',
    );
  const sources = settingsOptions(command, [
    ...['backend.host', 'backend.port', 'data', 'certs', 'backend.store', 'backend.revocations'],
  ]);
  command.addHelpText('after', EXAMPLES).action(() => runCommand(() => run(sources())));
}

/** What the backend obeys of the settings; it is silent about changes of the rest. */
const concerns = ['data', 'certs', 'log', 'traces', 'backend'];

const EXAMPLES = `
Examples:
  castling backend                                 on this machine alone
  castling backend --link-host 10.0.0.5 --certs /etc/castling/certs
  kill -HUP PID                                    read certificates and revocation list again`;

async function run(sources: SettingsSources): Promise<void> {
  const opened = await openSettings(sources, { name: 'backend', concerns });
  const { settings, logger } = opened;
  const { data, certs, backend: own } = settings.current;
  await ensureFolder(data, { flag: '--data' });
  const files = linkFilesIn(certs, own.revocations);
  const credentials = await readLinkCredentials(files);
  const metrics = createMetrics();
  const tracer = await followTraces(settings, { service: 'castling-backend', logger });
  const backend = await start(own, { credentials, logger, metrics, tracer });
  const control = await answerOperators(backend, { data, logger, metrics });
  const live = renewOnChange(files, { backend, initial: credentials, logger, metrics });
  drainOnStop(
    async () => {
      opened.stop();
      live.stop();
      await backend.stop();
      await control.close();
      await tracer.close();
    },
    { onStop: (event) => logger.info(event, 'The backend is stopping.') },
  );
  logger.info({ host: own.host, port: backend.port }, 'The link is open.');
  opened.follow(() => void live.reload());
  process.send?.({ type: 'ready', port: backend.port });
}

async function start(
  { host, port, store }: Settings['backend'],
  {
    credentials,
    ...parts
  }: {
    readonly credentials: LinkCredentials;
    readonly logger: Logger;
    readonly metrics: Registry;
    readonly tracer: Tracer;
  },
): Promise<Backend> {
  try {
    return await startBackend({
      storeUrl: store,
      host,
      port,
      credentials,
      ...parts,
      fatal: (error) => endAtOnce(parts.logger, error),
    });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw explainSystemError(error, { doing: 'listen', port, host, flag: '--link-port' }) ?? error;
  }
}

/** The proxy of the same folder asks for it, so that an operator sees all processes in one place. */
async function answerOperators(
  backend: Backend,
  { data, logger, metrics }: { data: string; logger: Logger; metrics: Registry },
): Promise<ControlServer> {
  const from = `backend ${backend.port}`;
  const routes = new ControlRoutes({ from, logger });
  routes.add('GET /status', () => {
    const reasons = backend.obstacles();
    return { process: from, pid: process.pid, seconds: process.uptime(), reasons };
  });
  routes.add('GET /metrics', () => metrics.getMetricsAsJSON());
  const control = new ControlServer({ find: (route) => routes.find(route), logger });
  await control.listen(controlPath(data, { door: backendDoor(backend.port) }));
  return control;
}

/** The next life starts from what is on disk. Nothing that was not answered is answered now. */
function endAtOnce(logger: Logger, error: unknown): void {
  logger.fatal(
    { err: error },
    'A write to the match log failed in a way that leaves its outcome unknown; ending.',
  );
  logger.flush?.();
  process.exit(ExitCode.failure);
}

/** On SIGHUP, and when a file changes. A bad set of files is refused whole, and the old one stays. */
function renewOnChange(
  files: LinkFiles,
  {
    backend,
    initial,
    ...parts
  }: { backend: Backend; initial: LinkCredentials; logger: Logger; metrics: Registry },
): LiveCertificates {
  const live = new LiveCertificates(parts);
  live.add({
    name: 'link-server',
    paths: Object.values(files),
    initial,
    read: () => readLinkCredentials(files),
    take: (credentials) => backend.renew(credentials),
  });
  return live;
}
