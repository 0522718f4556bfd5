import { type Command, InvalidArgumentError } from 'commander';
import { ExitCode } from '../process/exit-code.ts';
import { runCommand } from '../process/run-command.ts';
import { type SettingsSources, settingsOptions } from '../settings/index.ts';
import { type Diagnosis, examine } from './examine.ts';
import { findingText, summaryText } from './finding-text.ts';

interface DoctorFlags {
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly clockFrom?: URL;
}

/** Registers `castling doctor`: what is wrong with the Castling of this machine, and what to do about it. */
export function register(program: Command): void {
  const command = program
    .command('doctor')
    .summary('look at everything and say what to do')
    .description(
      'Looks at versions, settings, limits, folders, databases, certificates, the clock and ports, whether Castling runs or not, ' +
        'changes nothing, and says for each what to do. Ends with 1 when anything is wrong.',
    )
    .option('--json', 'one JSON object')
    .option('--quick', 'leave out the check of the databases’ indexes, which takes seconds for each gigabyte')
    .option('--clock-from <url>', 'compare this machine’s clock with that of an HTTPS server', httpsUrl);
  const sources = settingsOptions(command, [
    ...['proxy.host', 'proxy.port', 'backend.port', 'backend.count', 'proxy.adminPort', 'proxy.workers'],
    ...['data', 'certs'],
  ]);
  command
    .addHelpText('after', EXAMPLES)
    .action((flags: DoctorFlags) => runCommand(() => run(sources(), flags)));
}

const EXAMPLES = `
Examples:
  castling doctor                                        what is wrong here
  NODE_ENV=production castling doctor                    as strict as production is
  castling doctor --clock-from https://example.org       is the clock right, too
  castling doctor --json | jq '.findings[] | select(.mark == "fault")'`;

async function run(sources: SettingsSources, { json, quick, clockFrom }: DoctorFlags): Promise<void> {
  const findings: Diagnosis[] = [];
  const production = process.env.NODE_ENV === 'production';
  const depth = quick ? 'quick' : 'full';
  for await (const finding of examine({ sources, production, depth, clockFrom })) {
    findings.push(finding);
    if (!json) process.stdout.write(`${findingText(finding)}\n`);
  }
  const isWell = findings.every(({ mark }) => mark !== 'fault');
  process.stdout.write(
    json ? `${JSON.stringify({ ok: isWell, findings }, undefined, 2)}\n` : `\n${summaryText(findings)}\n`,
  );
  process.exitCode = isWell ? ExitCode.ok : ExitCode.failure;
}

function httpsUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw new InvalidArgumentError('give an address that begins with https://');
  return url;
}
