import type { Command } from 'commander';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { presentPassword, Secrets } from '../secrets.ts';
import { deviceLabel, signIn } from '../sign-in.ts';

interface LoginOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling login NAME` */
export function register(program: Command): void {
  const command = program
    .command('login')
    .description('sign in')
    .argument('<name>', 'your name on this server')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .action((name: string, options: LoginOptions) =>
      runClientCommand(options, (context) => login(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

async function login(
  context: ClientContext,
  { name, passwordStdin = false }: LoginOptions & { readonly name: string },
): Promise<void> {
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const password = await secrets.ask(presentPassword);
  const deviceToken = await context.profile.deviceToken(name.toLowerCase());
  const { askCode } = secrets;
  const credentials = { name, password, device: deviceLabel, deviceToken };
  const grant = await signIn(context, (prover) => context.auth.login(credentials, { askCode, prover }));
  const { address } = context;
  context.report(`Signed in as ${grant.name} at ${address.origin}.`, {
    type: 'signedIn',
    name: grant.name,
    player: grant.player,
    server: address.origin,
  });
}
