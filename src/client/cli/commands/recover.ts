import type { Command } from 'commander';
import { withSecondFactor } from '../../second-factor.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { Secrets } from '../secrets.ts';
import { deviceLabel, signIn } from '../sign-in.ts';

interface RecoverOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling recover NAME` */
export function register(program: Command): void {
  const command = program
    .command('recover')
    .description(
      'choose a new password with a recovery code, and sign in; all your other sign-ins end, and your passkeys go',
    )
    .argument('<name>', 'your name on this server')
    .option(
      '--password-stdin',
      'read the recovery code, the new password, and the code of a second factor, a line each, from standard input',
    )
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
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const recoveryCode = await secrets.ask({ prompt: 'Recovery code: ', name: 'the recovery code' });
  const newPassword = await secrets.askNew();
  const recovery = { name, recoveryCode, newPassword, device: deviceLabel };
  const grant = await signIn(context, (prover) =>
    withSecondFactor((code) => context.auth.recover({ ...recovery, code }, { prover }), secrets.askCode),
  );
  const { address } = context;
  const { recoveryCodesLeft: left = 0, passkeysRemoved = 0 } = grant;
  const passkeys = passkeysRemoved === 0 ? '' : ` Passkeys removed: ${passkeysRemoved}; add yours again.`;
  context.report(
    `The password of ${grant.name} is changed, and you are signed in at ${address.origin}. Recovery codes left: ${left}.${passkeys}`,
    {
      type: 'signedIn',
      recovered: true,
      name: grant.name,
      recoveryCodesLeft: left,
      passkeysRemoved,
      server: address.origin,
    },
  );
}
