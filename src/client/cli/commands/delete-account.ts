import type { Command } from 'commander';
import { withSecondFactor } from '../../second-factor.ts';
import { askYesNo } from '../ask.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { presentPassword, Secrets } from '../secrets.ts';
import { canAsk } from '../terminal.ts';

interface DeleteOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
  readonly yes?: boolean;
}

/** `castling delete-account` */
export function register(program: Command): void {
  const command = program
    .command('delete-account')
    .description('delete your account with all that says who it was; there is no way back')
    .option('--yes', 'do not ask whether you are sure')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .action((options: DeleteOptions) =>
      runClientCommand(options, (context) => deleteAccount(context, options)),
    );
  withSharedOptions(command);
}

async function deleteAccount(
  context: ClientContext,
  { passwordStdin = false, yes = false }: DeleteOptions,
): Promise<void> {
  const { terminal, address, auth, profile } = context;
  const saved = await context.session();
  const { name } = saved;
  await context.establishTrust();
  if (!yes) await requireYes(context, name, passwordStdin);
  const secrets = new Secrets(terminal, { fromStdin: passwordStdin });
  // A guest has no password to show, nor has whoever signs in at another provider.
  const hasNone = saved.isGuest === true || 'tokenFile' in saved;
  const current = hasNone ? '' : await secrets.ask(presentPassword);
  const access = await context.tokens(name).accessToken();
  await withSecondFactor((code) => auth.deleteAccount(access, { current, code }), secrets.askCode);
  await profile.forget(name);
  context.report(
    `The account ${name} at ${address.origin} is deleted. Matches keep a pseudonym that leads to nobody.`,
    { type: 'accountDeleted', name, server: address.origin },
  );
}

/** Standard input is one or the other: the answer, or the password. */
async function requireYes(
  { terminal, address }: ClientContext,
  name: string,
  passwordStdin: boolean,
): Promise<void> {
  if (passwordStdin || !canAsk(terminal)) {
    const message = 'Deleting an account cannot be undone; say --yes to do it without being asked.';
    throw new CliError('unconfirmed', message, { exitCode: ClientExit.usage });
  }
  if (await askYesNo(terminal, `Delete the account ${name} at ${address.origin} for good?`)) return;
  throw new CliError('unconfirmed', 'Nothing was deleted.', { exitCode: ClientExit.refused });
}
