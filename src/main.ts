import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { register as registerAdmin } from './auth/command.ts';
import { register as registerClient } from './client/cli/command.ts';
import { register as registerBackend } from './game/command.ts';
import { ExitCode } from './process/exit-code.ts';
import { packageRoot } from './process/folders.ts';
import { register as registerProxy } from './proxy/command.ts';
import { register as registerConfig } from './settings/command.ts';
import { register as registerCerts } from './supervisor/certs-command.ts';
import { register as registerStart } from './supervisor/command.ts';

// The `castling` command. It only puts the sub-commands together; what each does stands in its house.

const EXAMPLES = `
Examples:
  castling start                           host games on this machine
  castling register ada                    make an account
  castling play tic-tac-toe                find an opponent and play
  castling play tic-tac-toe --create       open a private match and print its invite code
  castling COMMAND --help                  what a command can do, with examples`;

const program = new Command('castling')
  .description('A secure proxy for turn-based games: host them, and play them.')
  .version(version(), '-V, --version', 'print the version')
  .helpOption('-h, --help', 'say what a command can do')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('(`castling --help` lists the commands)')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? ExitCode.ok : ExitCode.usage));

for (const register of [
  registerStart,
  registerProxy,
  registerBackend,
  registerCerts,
  registerAdmin,
  registerConfig,
  registerClient,
]) {
  register(program);
}

// Asked for nothing, it says what there is to ask for.
if (process.argv.length <= 2) program.outputHelp();
else await program.parseAsync();

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return manifest.version;
}
