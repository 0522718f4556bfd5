import type { Command } from 'commander';
import { ControlRoutes } from '../process/control/index.ts';
import { ExitCode } from '../process/exit-code.ts';
import { ensureFolder } from '../process/folders.ts';
import { createMetrics } from '../process/metrics.ts';
import { runCommand } from '../process/run-command.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import { openSettings, type SettingsSources, settingsOptions, shownSettings } from '../settings/index.ts';
import { registerReload } from './operator/reload.ts';
import { registerStatus } from './operator/status.ts';
import { registerTop } from './operator/top/top.ts';
import { registerWhy } from './operator/why.ts';
import { Primary } from './primary/primary.ts';
import { NoWorkerBegan } from './primary/worker-pool.ts';
import { registerCache } from './routes/http/cache-command.ts';
import { registerRoute } from './routes/route-command.ts';

/** `castling proxy`, the edge that players reach, and what its operator asks it. */
export function register(program: Command): void {
  registerStatus(program);
  registerTop(program);
  registerReload(program);
  registerWhy(program);
  registerRoute(program);
  registerCache(program);
  const command = program
    .command('proxy')
    .description('Run the edge that players reach: TLS, accounts, policy, and the link to the game backend.');
  const sources = settingsOptions(command, [
    ...['proxy.host', 'proxy.port', 'proxy.adminPort', 'proxy.workers', 'proxy.link', 'proxy.origins'],
    ...['data', 'certs', 'auth.store', 'auth.keyEncryptionFile'],
  ]);
  command.action(async () => await runCommand(async () => await run(sources())));
}

/** What the proxy obeys of the settings; it is silent about changes of the rest. */
const concerns = [
  'data',
  'certs',
  'log',
  'traces',
  'proxy',
  'tls',
  'auth',
  'limits',
  'filters',
  'slowness',
  'routes',
];

async function run(sources: SettingsSources): Promise<void> {
  const metrics = createMetrics();
  const opened = await openSettings(sources, { name: 'proxy', concerns, metrics });
  const { settings, logger } = opened;
  await ensureFolder(settings.current.data, { flag: '--data' });
  const control = new ControlRoutes({ from: 'primary', logger });
  control.add('POST /config/reload', () => settings.reload('command'));
  control.add('GET /config', () => shownSettings(settings));
  const primary = new Primary({
    settings,
    control,
    shownSettings: () => shownSettings(settings),
    metrics,
    logger,
    random: Math.random,
  });
  let phase = 'beginning' as 'beginning' | 'serving' | 'stopping';
  process.on('SIGUSR2', () => void (phase === 'serving' && primary.reload()));
  const drain = async () => {
    phase = 'stopping';
    opened.stop();
    await primary.drain();
  };
  // From now on: who is told to stop before it is up, or is left alone, must not go on.
  drainOnStop(drain, {
    onStop: (event) => {
      logger.info(event, 'stopping');
      if (event.kind === 'forced' || event.kind === 'deadline-passed') primary.kill();
    },
  });
  try {
    await primary.start();
  } catch (error) {
    // The drain ends the process.
    if (phase === 'stopping') return;
    // The worker has said why, and only its code is missing.
    if (error instanceof NoWorkerBegan) process.exit(error.end.code ?? ExitCode.failure);
    throw error;
  }
  if (phase === 'stopping') return;
  phase = 'serving';
  opened.follow(() => primary.readFiles());
  process.send?.({ type: 'ready', ...primary.ports });
}
