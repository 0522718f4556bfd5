import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ExitCode } from './process/exit-code.ts';
import { packageRoot } from './process/folders.ts';

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

for (const house of housesFor(process.argv[2])) (await house()).register(program);

// Asked for nothing, it says what there is to ask for.
if (process.argv.length <= 2) program.outputHelp();
else await program.parseAsync();

type House = () => Promise<{ register(program: Command): void }>;

/** The houses of the long-lived processes by their commands, so that each loads its own code and no other. */
function housesFor(command: string | undefined): House[] {
  const supervisor = () => import('./supervisor/command.ts');
  const proxy = () => import('./proxy/command.ts');
  const backend = () => import('./game/command.ts');
  const alone: Readonly<Record<string, House>> = { start: supervisor, proxy, backend };
  const house = command !== undefined && Object.hasOwn(alone, command) ? alone[command] : undefined;
  if (house !== undefined) return [house];
  return [
    supervisor,
    proxy,
    backend,
    () => import('./supervisor/certs-command.ts'),
    () => import('./doctor/command.ts'),
    () => import('./auth/command.ts'),
    () => import('./settings/command.ts'),
    () => import('./proxy/traffic-command.ts'),
    () => import('./client/cli/command.ts'),
  ];
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return manifest.version;
}
