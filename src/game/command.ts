import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { ExitCode } from '../process/exit-code.ts';
import { explainSystemError } from '../process/explain-system-error.ts';
import { certificatesFolder, dataFolder, ensureFolder } from '../process/folders.ts';
import { createLogger, type Logger } from '../process/logger.ts';
import { runCommand } from '../process/run-command.ts';
import { drainOnStop } from '../process/stop-signals.ts';
import { StoreError } from '../store/index.ts';
import { type Backend, startBackend } from './backend.ts';
import { type LinkFiles, linkFilesIn, readLinkCredentials } from './link/link-credentials.ts';
import { watchFiles } from './link/watch-files.ts';

interface BackendFlags {
  readonly linkHost: string;
  readonly linkPort: number;
  readonly data?: string;
  readonly certs?: string;
  readonly gameStore?: string;
  readonly linkCrl?: string;
}

/** Registers `castling backend`. */
export function register(program: Command): void {
  program
    .command('backend')
    .description('run a game backend: the rules, the matches and their log, reached by proxies over the link')
    .option('--link-host <address>', 'address to listen on for proxies', '127.0.0.1')
    .option('--link-port <port>', 'port to listen on for proxies; 0 takes a free one', portNumber, 7878)
    .option('--data <dir>', 'folder of the databases (environment: CASTLING_DATA)')
    .option('--certs <dir>', 'folder of the certificates (environment: CASTLING_CERTS)')
    .option('--game-store <url>', 'where matches are kept (default: sqlite:DATA/game.db)')
    .option(
      '--link-crl <file>',
      'certificates of proxies that are no longer let in: a revocation list in PEM form',
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: BackendFlags) => runCommand(() => run(flags)));
}

const EXAMPLES = `
Examples:
  castling backend                                 on this machine alone
  castling backend --link-host 10.0.0.5 --certs /etc/castling/certs
  kill -HUP PID                                    read certificates and revocation list again`;

async function run(flags: BackendFlags): Promise<void> {
  const logger = createLogger({ name: 'backend' });
  const files = linkFilesIn(certificatesFolder(flags.certs, flags.data), flags.linkCrl);
  const credentials = await readLinkCredentials(files);
  const backend = await start(flags, { credentials, logger });
  const stopRenewing = renewOnChange(files, backend, logger);
  drainOnStop(
    async () => {
      stopRenewing();
      await backend.stop();
    },
    { onStop: (event) => logger.info(event, 'The backend is stopping.') },
  );
  logger.info({ host: flags.linkHost, port: backend.port }, 'The link is open.');
  process.send?.({ type: 'ready', port: backend.port });
}

async function start(
  flags: BackendFlags,
  { credentials, logger }: { credentials: Awaited<ReturnType<typeof readLinkCredentials>>; logger: Logger },
): Promise<Backend> {
  const { linkHost: host, linkPort: port } = flags;
  try {
    return await startBackend({
      storeUrl: flags.gameStore ?? (await defaultStore(flags.data)),
      host,
      port,
      credentials,
      logger,
      fatal: (error) => endAtOnce(logger, error),
    });
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw explainSystemError(error, { doing: 'listen', port, host, flag: '--link-port' }) ?? error;
  }
}

async function defaultStore(dataFlag: string | undefined): Promise<string> {
  const folder = dataFolder(dataFlag);
  await ensureFolder(folder, { flag: '--data' });
  return `sqlite:${join(folder, 'game.db')}`;
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
function renewOnChange(files: LinkFiles, backend: Backend, logger: Logger): () => void {
  const renew = async () => {
    try {
      backend.renew(await readLinkCredentials(files));
      logger.info('The link has new certificates.');
    } catch (err) {
      logger.error({ err }, 'The new certificates of the link cannot be used; the old ones stay.');
    }
  };
  const onHangUp = () => void renew();
  process.on('SIGHUP', onHangUp);
  const paths = Object.values(files).filter((path) => path !== undefined);
  const stopWatching = watchFiles({ paths, changed: renew });
  return () => {
    process.off('SIGHUP', onHangUp);
    stopWatching();
  };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}
