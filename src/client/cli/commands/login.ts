import type { Command } from 'commander';
import type { Grant } from '../../auth-client.ts';
import { signInByBrowser } from '../browser-sign-in.ts';
import { CliError } from '../cli-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { ClientExit } from '../client-exit.ts';
import { presentPassword, Secrets } from '../secrets.ts';
import { deviceLabel, signIn } from '../sign-in.ts';

interface LoginOptions extends SharedOptions {
  readonly browser?: boolean;
  readonly open: boolean;
  readonly passwordStdin?: boolean;
}

/** `castling login NAME` */
export function register(program: Command): void {
  const command = program
    .command('login')
    .description('sign in')
    .argument('[name]', 'your name on this server; not needed with --browser')
    .option('--browser', 'sign in on a page, on this or any device: with a passkey, for example')
    .option('--no-open', 'with --browser: only print the address of the page')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .action((name: string | undefined, options: LoginOptions) =>
      runClientCommand(options, (context) => login(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

async function login(
  context: ClientContext,
  {
    name,
    browser = false,
    open,
    passwordStdin = false,
  }: LoginOptions & { readonly name: string | undefined },
): Promise<void> {
  if (name === undefined && !browser) {
    const message = `Say as whom, \`${context.call('login NAME')}\`, or sign in by a browser: \`${context.call('login --browser')}\`.`;
    throw new CliError('name_missing', message, { exitCode: ClientExit.usage });
  }
  await context.establishTrust();
  const grant =
    name === undefined || browser
      ? await signInByBrowser(context, { name, open })
      : await signInByPassword(context, { name, open, passwordStdin });
  const { address } = context;
  context.report(`Signed in as ${grant.name} at ${address.origin}.`, {
    type: 'signedIn',
    name: grant.name,
    player: grant.player,
    server: address.origin,
  });
}

/** Somebody who has a passkey, or who has forgotten the password, only presses Enter. */
async function signInByPassword(
  context: ClientContext,
  {
    name,
    open,
    passwordStdin,
  }: { readonly name: string; readonly open: boolean; readonly passwordStdin: boolean },
): Promise<Grant> {
  const { auth, profile, terminal } = context;
  const secrets = new Secrets(terminal, { fromStdin: passwordStdin });
  const password = await secrets.ask({
    ...presentPassword,
    prompt: 'Password (Enter alone: sign in by a browser): ',
    isOptional: true,
  });
  if (password === '') return await signInByBrowser(context, { name, open });
  const deviceToken = await profile.deviceToken(name.toLowerCase());
  const { askCode } = secrets;
  const credentials = { name, password, device: deviceLabel, deviceToken };
  return await signIn(context, (prover) => auth.login(credentials, { askCode, prover }));
}
