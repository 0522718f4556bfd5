import { certificatesFolder, isClone, packageRoot } from '../process/folders.ts';
import type { Logger } from '../process/logger.ts';
import { OperatorError } from '../process/operator-error.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import { systemTimers, type Timers } from '../process/timers.ts';
import type { GivenFlag, LoadedSettings } from '../settings/index.ts';
import { childArguments } from './child-arguments.ts';
import { closingLines } from './closing-lines.ts';
import { launchCommand } from './launch-process.ts';
import { preflight } from './preflight.ts';
import { prepareCertificates } from './prepare-certificates.ts';
import { askAdmin, untilReady } from './ready-probe.ts';
import { linkPortsOf, refuseSharedPorts, type StartSettings, startSettingsFrom } from './start-settings.ts';
import { Supervisor } from './supervisor.ts';

/** After this long without readiness the person at the terminal is told that it still goes on, in milliseconds. */
const SLOW_START_MS = 15_000;

export type StartOptions = {
  loaded: LoadedSettings;
  /** What the command line said. */
  flags: readonly GivenFlag[];
  /** Called once nothing stands in the way any more, with what a SIGHUP asks of the children. */
  follow: (onHangUp: () => void) => void;
  production: boolean;
  logger: Logger;
  /** Prints one line for the person at the terminal. */
  print: (line: string) => void;
  timers?: Timers;
};

/**
 * Hosts games on this machine: certificates, then the backend and the proxy as supervised processes, then three lines
 * for a newcomer once a player could play. Runs until a signal ends the process; the promise settles only when a
 * child fails for good.
 *
 * @throws OperatorError when something stands in the way that the operator can remove.
 */
export async function start(options: StartOptions): Promise<void> {
  const { loaded, flags, follow, production, logger, print } = options;
  const settings = startSettingsFrom(loaded.settings);
  const timers = options.timers ?? systemTimers;
  refuseSharedPorts(settings);
  await preflight(settings);
  await prepareCertificates({ folder: settings.certs, pairs: settings.pairs, production, print });

  const supervisor = new Supervisor({
    launch: {
      backends: linkPortsOf(settings).map((linkPort) =>
        launchCommand(childArguments('backend', { loaded, flags, linkPort })),
      ),
      proxy: launchCommand(childArguments('proxy', { loaded, flags })),
    },
    logger,
    timers,
    random: Math.random,
  });
  const stopped = new AbortController();
  drainOnStop(
    async () => {
      stopped.abort();
      await supervisor.stop();
    },
    {
      onStop: ({ kind }) => {
        logger.info({ kind }, 'stop');
        if (kind === 'forced' || kind === 'deadline-passed') supervisor.kill();
      },
    },
  );

  follow(() => supervisor.reread());
  print(
    `Starting ${settings.backends === 1 ? 'the game backend' : `${settings.backends} game backends`} and the proxy…`,
  );
  supervisor.start();
  const announced = announceReady({ settings, print, timers, signal: stopped.signal });
  const { child } = await supervisor.gaveUp;
  stopped.abort();
  await Promise.all([supervisor.stop(), announced]);
  throw new OperatorError('child_failed', `the ${child} could not run, for the reason given above.`);
}

async function announceReady(
  options: Pick<StartOptions, 'print'> & { settings: StartSettings; timers: Timers; signal: AbortSignal },
): Promise<void> {
  const { settings, print, timers, signal } = options;
  const cancel = timers.after(SLOW_START_MS, () => {
    print(`Not ready after ${SLOW_START_MS / 1000} s; still trying. The log says why.`);
  });
  const isReady = await untilReady(askAdmin(settings.adminPort), { timers, signal });
  cancel();
  if (!isReady) return;
  const newcomer = {
    command: isClone(packageRoot()) ? 'npx castling' : 'castling',
    usualCerts: certificatesFolder(undefined, undefined),
  };
  for (const line of closingLines(settings, newcomer)) print(line);
}
