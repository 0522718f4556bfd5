import type { Command } from 'commander';
import { printable } from '../../../process/printable.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { Secrets } from '../secrets.ts';
import { deviceLabel, keepSignIn } from '../sign-in.ts';

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
  const grant = await context.auth.register({ name, password, device: deviceLabel });
  await keepSignIn(context, grant);
  const { address } = context;
  const { recoveryCodes = [] } = grant;
  context.report(
    `Welcome, ${grant.name}. You are registered and signed in at ${address.origin}.${advice(recoveryCodes)}\nPlay: ${context.call('play tic-tac-toe')}`,
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

/** They are shown this once. */
function advice(codes: readonly string[]): string {
  if (codes.length === 0) return '';
  const lines = codes.map((code) => `  ${printable(code)}`).join('\n');
  return `\n\nWrite these recovery codes down; they are not shown again. Should you forget the password, each of them lets you\nchoose a new one, once, with \`castling recover\`:\n\n${lines}\n`;
}
