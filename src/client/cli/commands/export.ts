import type { Command } from 'commander';
import { explainSystemError } from '../../../process/explain-system-error.ts';
import { writeSecureFile } from '../../../process/secure-file.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';

interface ExportOptions extends SharedOptions {
  readonly output?: string;
}

/** `castling export` */
export function register(program: Command): void {
  const command = program
    .command('export')
    .description('print everything that the server keeps about your account, as JSON')
    .option('--output <file>', 'write it to a file that only you can read')
    .action((options: ExportOptions) =>
      runClientCommand(options, (context) => exportAccount(context, options)),
    );
  withSharedOptions(command);
}

async function exportAccount(context: ClientContext, { output }: ExportOptions): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const access = await context.tokens(name).accessToken();
  const account = await context.auth.exportAccount(access);
  if (output === undefined) {
    context.report(JSON.stringify(account, null, 2), { type: 'account', ...account });
    return;
  }
  try {
    await writeSecureFile(output, `${JSON.stringify(account, null, 2)}\n`);
  } catch (error) {
    throw explainSystemError(error, { doing: 'write', path: output, flag: '--output' }) ?? error;
  }
  context.report(`What the server keeps about ${name} is in ${output}.`, { type: 'exported', name, output });
}
