import type { Command } from 'commander';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { recoveryCodesText } from '../recovery-codes-text.ts';
import { Secrets } from '../secrets.ts';
import { deviceLabel, signIn } from '../sign-in.ts';

interface RegisterOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling register NAME` */
export function register(program: Command): void {
  const command = program
    .command('register')
    .description('make an account and sign in')
    .argument('<name>', 'your name on this server')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .action((name: string, options: RegisterOptions) =>
      runClientCommand(options, (context) => registerAccount(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

async function registerAccount(
  context: ClientContext,
  { name, passwordStdin = false }: RegisterOptions & { readonly name: string },
): Promise<void> {
  await context.establishTrust();
  const password = await new Secrets(context.terminal, { fromStdin: passwordStdin }).askNew();
  const credentials = { name, password, device: deviceLabel };
  const grant = await signIn(context, (prover) => context.auth.register(credentials, { prover }));
  const { address } = context;
  const { recoveryCodes = [] } = grant;
  const codes = recoveryCodes.length === 0 ? '' : `\n\n${recoveryCodesText(recoveryCodes)}`;
  context.report(
    `Welcome, ${grant.name}. You are registered and signed in at ${address.origin}.${codes}\nPlay: ${context.call('play tic-tac-toe')}`,
    {
      type: 'signedIn',
      registered: true,
      name: grant.name,
      player: grant.player,
      server: address.origin,
      recoveryCodes,
    },
  );
}
