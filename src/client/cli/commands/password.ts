import type { Command } from 'commander';
import { withSecondFactor } from '../../second-factor.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { Secrets } from '../secrets.ts';

interface PasswordOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling password` */
export function register(program: Command): void {
  const command = program
    .command('password')
    .description('change your password; every other sign-in of yours ends')
    .option(
      '--password-stdin',
      'read the present password, the new one, and the code of a second factor, a line each, from standard input',
    )
    .action((options: PasswordOptions) =>
      runClientCommand(options, (context) => changePassword(context, options)),
    );
  withSharedOptions(command);
}

async function changePassword(
  context: ClientContext,
  { passwordStdin = false }: PasswordOptions,
): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const current = await secrets.ask({ prompt: 'Present password: ', name: 'the present password' });
  const next = await secrets.askNew();
  const access = await context.tokens(name).accessToken();
  await withSecondFactor(
    (code) => context.waysIn.changePassword(access, next, { current, code }),
    secrets.askCode,
  );
  context.report(`The password of ${name} is changed; your other sign-ins have ended.`, {
    type: 'passwordChanged',
    name,
    server: context.address.origin,
  });
}
