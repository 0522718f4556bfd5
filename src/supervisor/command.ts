import { type Command, InvalidArgumentError } from 'commander';
import { certificatesFolder, dataFolder } from '../process/folders.ts';
import { createLogger } from '../process/logger.ts';
import { runCommand } from '../process/run-command.ts';
import { start } from './start.ts';
import { DEFAULT_ADMIN_PORT, DEFAULT_LINK_PORT, DEFAULT_PORT } from './start-settings.ts';

type StartFlags = {
  host: string;
  port: number;
  linkPort: number;
  adminPort: number;
  data?: string;
  certs?: string;
};

/** Registers `castling start`: the proxy and a game backend on one machine, supervised. */
export function register(program: Command): void {
  program
    .command('start')
    .summary('host games on this machine')
    .description(
      'Runs the proxy and a game backend on this machine, restarts one that dies, and makes development certificates ' +
        'where there are none. SIGTERM or Ctrl-C finishes the moves in flight and stops; a second one stops at once.',
    )
    .option('--host <address>', 'address on which players are served', '0.0.0.0')
    .option('--port <n>', 'port on which players are served', parsePort, DEFAULT_PORT)
    .option(
      '--link-port <n>',
      'loopback port of the link between proxy and backend',
      parsePort,
      DEFAULT_LINK_PORT,
    )
    .option('--admin-port <n>', 'loopback port of /live, /ready and /metrics', parsePort, DEFAULT_ADMIN_PORT)
    .option('--data <dir>', 'folder of the databases (environment: CASTLING_DATA)')
    .option('--certs <dir>', 'folder of the certificates (environment: CASTLING_CERTS)')
    .addHelpText('after', EXAMPLES)
    .action((flags: StartFlags) => runCommand(() => run(flags)));
}

const EXAMPLES = `
Examples:
  castling start                                  play at https://localhost:8443
  castling start --port 9443 --data /srv/chess    another port, another place for the databases
  NODE_ENV=production castling start --certs /etc/castling
                                                  with certificates of your own`;

function run(flags: StartFlags): Promise<void> {
  return start({
    settings: {
      ...flags,
      data: dataFolder(flags.data),
      certs: certificatesFolder(flags.certs, flags.data),
    },
    production: process.env.NODE_ENV === 'production',
    logger: createLogger({ name: 'start' }),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return port;
}
