import type { Command } from 'commander';
import { askSecret, canHide } from '../ask.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { obtainPassword } from '../password.ts';
import { readSecretLines } from '../secret-lines.ts';

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
      'read the present password, then the new one, a line each, from standard input',
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
  const { current, next } = await obtainBoth(context, passwordStdin);
  const { token } = await context.tokens(name).accessToken();
  await context.auth.changePassword(token, { current, next });
  context.report(`The password of ${name} is changed; your other sign-ins have ended.`, {
    type: 'passwordChanged',
    name,
    server: context.address.origin,
  });
}

async function obtainBoth(
  { terminal }: ClientContext,
  fromStdin: boolean,
): Promise<{ readonly current: string; readonly next: string }> {
  if (fromStdin) {
    const [current = '', next = ''] = await readSecretLines(terminal, [
      'the present password',
      'the new one',
    ]);
    return { current, next };
  }
  const current = canHide(terminal) ? await askSecret(terminal, 'Present password: ') : '';
  return { current, next: await obtainPassword(terminal, { fromStdin: false, isNew: true }) };
}
