import type { Command } from 'commander';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { guestHere, upgradeGuest } from '../guest.ts';
import { recoveryCodesText } from '../recovery-codes-text.ts';
import { Secrets } from '../secrets.ts';
import { deviceLabel, signIn } from '../sign-in.ts';

interface RegisterOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
  readonly new?: boolean;
}

/** `castling register NAME` */
export function register(program: Command): void {
  const command = program
    .command('register')
    .description('make an account and sign in; a guest becomes one, with all matches')
    .argument('<name>', 'your name on this server')
    .option('--password-stdin', 'read the password from standard input instead of asking for it')
    .option('--new', 'a new account, even if you play as a guest now')
    .action((name: string, options: RegisterOptions) =>
      runClientCommand(options, (context) => registerAccount(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

async function registerAccount(
  context: ClientContext,
  { name, passwordStdin = false, new: isNew = false }: RegisterOptions & { readonly name: string },
): Promise<void> {
  await context.establishTrust();
  const guest = isNew ? undefined : await guestHere(context);
  const password = await new Secrets(context.terminal, { fromStdin: passwordStdin }).askNew();
  const upgrade = guest === undefined ? undefined : await upgradeGuest(context, { guest, name, password });
  const credentials = { name, password, device: deviceLabel };
  const grant =
    upgrade ?? (await signIn(context, (prover) => context.auth.register(credentials, { prover })));
  const { address } = context;
  const { recoveryCodes = [] } = grant;
  const what =
    upgrade === undefined
      ? 'You are registered and signed in'
      : `You were the guest ${guest}, and everything that you played is yours`;
  const codes = recoveryCodes.length === 0 ? '' : `\n\n${recoveryCodesText(recoveryCodes)}`;
  context.report(
    `Welcome, ${grant.name}. ${what} at ${address.origin}.${codes}\nPlay: ${context.call('play tic-tac-toe')}`,
    {
      type: 'signedIn',
      registered: true,
      name: grant.name,
      player: grant.player,
      ...(upgrade !== undefined && { wasGuest: guest }),
      server: address.origin,
      recoveryCodes,
    },
  );
}
