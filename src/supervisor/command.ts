import type { Command } from 'commander';
import { runCommand } from '../process/run-command.ts';
import { openSettings, type SettingsSources, settingsOptions } from '../settings/index.ts';
import { start } from './start.ts';

/** Registers `castling start`: the proxy and a game backend on one machine, supervised. */
export function register(program: Command): void {
  const command = program
    .command('start')
    .summary('host games on this machine')
    .description(
      'Runs the proxy and a game backend on this machine, restarts one that dies, and makes development certificates ' +
        'where there are none. SIGTERM or Ctrl-C finishes the moves in flight and stops; a second one stops at once.',
    );
  const sources = settingsOptions(command, [
    ...['proxy.host', 'proxy.port', 'backend.port', 'backend.count', 'proxy.adminPort', 'proxy.workers'],
    ...['data', 'certs'],
  ]);
  command.addHelpText('after', EXAMPLES).action(() => runCommand(() => run(sources())));
}

const EXAMPLES = `
Examples:
  castling start                                  play at https://localhost:8443
  castling start --port 9443 --data /srv/chess    another port, another place for the databases
  castling start --backends 3                     three game backends, which take over from one another
  NODE_ENV=production castling start --certs /etc/castling
                                                  with certificates of your own`;

/** Changes of what the children have from the start; the rest they tell themselves. */
const concerns = ['data', 'certs', 'log', 'backend'];

async function run(sources: SettingsSources): Promise<void> {
  const { settings, logger, follow } = await openSettings(sources, { name: 'start', concerns });
  await start({
    loaded: settings.loaded,
    flags: sources.flags,
    production: process.env.NODE_ENV === 'production',
    logger,
    follow,
    print: (line) => process.stdout.write(`${line}\n`),
  });
}
