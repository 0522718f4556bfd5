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
import { deviceLabel, keepSignIn } from '../sign-in.ts';

interface RecoverOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling recover NAME` */
export function register(program: Command): void {
  const command = program
    .command('recover')
    .description('choose a new password with a recovery code, and sign in; all your other sign-ins end')
    .argument('<name>', 'your name on this server')
    .option('--password-stdin', 'read the code, then the new password, a line each, from standard input')
    .action((name: string, options: RecoverOptions) =>
      runClientCommand(options, (context) => recover(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

async function recover(
  context: ClientContext,
  { name, passwordStdin = false }: RecoverOptions & { readonly name: string },
): Promise<void> {
  await context.establishTrust();
  const { code, newPassword } = await obtainBoth(context, passwordStdin);
  const grant = await context.auth.recover({ name, code, newPassword, device: deviceLabel });
  await keepSignIn(context, grant);
  const { address } = context;
  const left = grant.recoveryCodesLeft ?? 0;
  context.report(
    `The password of ${grant.name} is changed, and you are signed in at ${address.origin}. Recovery codes left: ${left}.`,
    { type: 'signedIn', recovered: true, name: grant.name, recoveryCodesLeft: left, server: address.origin },
  );
}

async function obtainBoth(
  { terminal }: ClientContext,
  fromStdin: boolean,
): Promise<{ readonly code: string; readonly newPassword: string }> {
  if (fromStdin) {
    const [code = '', newPassword = ''] = await readSecretLines(terminal, [
      'the recovery code',
      'the new password',
    ]);
    return { code, newPassword };
  }
  const code = canHide(terminal) ? await askSecret(terminal, 'Recovery code: ') : '';
  return { code, newPassword: await obtainPassword(terminal, { fromStdin: false, isNew: true }) };
}
