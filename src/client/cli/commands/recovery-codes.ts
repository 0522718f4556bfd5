import type { Command } from 'commander';
import { withSecondFactor } from '../../second-factor.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { recoveryCodesText } from '../recovery-codes-text.ts';
import { presentPassword, Secrets } from '../secrets.ts';

interface RecoveryCodesOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling recovery-codes` */
export function register(program: Command): void {
  const command = program
    .command('recovery-codes')
    .description('get a fresh set of recovery codes; all that you had are void')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .action((options: RecoveryCodesOptions) =>
      runClientCommand(options, (context) => renew(context, options)),
    );
  withSharedOptions(command);
}

async function renew(context: ClientContext, { passwordStdin }: RecoveryCodesOptions): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const current = await secrets.ask(presentPassword);
  const access = await context.tokens(name).accessToken();
  const recoveryCodes = await withSecondFactor(
    (code) => context.waysIn.renewRecoveryCodes(access, { current, code }),
    secrets.askCode,
  );
  context.report(recoveryCodesText(recoveryCodes), { type: 'recoveryCodes', name, recoveryCodes });
}
