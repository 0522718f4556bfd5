import { basename } from 'node:path';
import type { Command } from 'commander';
import {
  checkDevelopmentCertificates,
  describeAuthority,
  describeOutcome,
  ensureDevelopmentCertificates,
} from '../process/certificates/index.ts';
import { ExitCode } from '../process/exit-code.ts';
import { OperatorError } from '../process/operator-error.ts';
import { runCommand } from '../process/run-command.ts';
import { loadSettings, type SettingsSources, settingsOptions } from '../settings/index.ts';

type CertsOptions = { name: string[]; force: boolean; check: boolean };

/** Registers `castling certs`: make, renew and check the certificates of a development machine. */
export function register(program: Command): void {
  const command = program
    .command('certs')
    .summary('make, renew or check development certificates')
    .description(
      'Makes the certificates of a development machine: a local CA, the proxy’s, and one for each end of the link. ' +
        'Run again, it renews only what ends within a week, is damaged, or was signed by another CA.',
    )
    .option('--name <host>', 'one more host name or address of the proxy; may be repeated', collect, [])
    .option('--force', 'renew all, the CA too', false)
    .option('--check', 'change nothing; say what is wrong, and end with 1 if anything is', false);
  const sources = settingsOptions(command, ['certs', 'data']);
  command
    .addHelpText('after', EXAMPLES)
    .action((options: CertsOptions) => runCommand(() => certs(sources(), options)));
}

const EXAMPLES = `
Examples:
  castling certs                          make what is missing, renew what ends soon
  castling certs --name game.club.lan     players reach this machine by that name, too
  castling certs --check                  verify them all`;

async function certs(sources: SettingsSources, { name, force, check }: CertsOptions): Promise<void> {
  const { certs: folder } = (await loadSettings(sources)).settings;
  if (check) return checkFolder(folder, name);
  const outcomes = await ensureDevelopmentCertificates({ folder, names: name, force });
  print([...outcomes.map(describeOutcome), ...(await describeAuthority(folder))]);
}

async function checkFolder(folder: string, names: string[]): Promise<void> {
  const faults = await checkDevelopmentCertificates({ folder, names });
  if (faults.length === 0) {
    print([`All certificates in ${folder} are in order.`]);
    return;
  }
  print(faults.map(({ path, fault }) => `${basename(path)}: ${fault}`));
  throw new OperatorError(
    'certificate_invalid',
    `not every certificate in ${folder} is in order; \`castling certs\` mends it.`,
    { exitCode: ExitCode.failure },
  );
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
