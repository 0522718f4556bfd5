import { type Command, Option } from 'commander';
import { printable } from '../../../process/printable.ts';
import type { Account, Grant } from '../../auth-client.ts';
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
import { readTokenFile } from '../token-file.ts';

interface LoginOptions extends SharedOptions {
  readonly browser?: boolean;
  readonly open: boolean;
  readonly passwordStdin?: boolean;
  readonly tokenFile?: string;
}

/** `castling login NAME` */
export function register(program: Command): void {
  const command = program
    .command('login')
    .description('sign in')
    .argument('[name]', 'your name on this server; not needed with --browser and --token-file')
    .option('--browser', 'sign in on a page, on this or any device: with a passkey, for example')
    .option('--no-open', 'with --browser: only print the address of the page')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .addOption(
      new Option(
        '--token-file <file>',
        'sign in by the tokens of another provider that this server trusts; the file is read anew whenever one is needed',
      ).conflicts(['browser', 'passwordStdin']),
    )
    .action((name: string | undefined, options: LoginOptions) =>
      runClientCommand(options, (context) => login(context, { ...options, name })),
    );
  withSharedOptions(command, { as: false });
}

interface Wishes extends LoginOptions {
  readonly name: string | undefined;
}

async function login(context: ClientContext, wishes: Wishes): Promise<void> {
  requireOneWay(context, wishes);
  await context.establishTrust();
  const { name, player } = await signInBy(context, wishes);
  const { address } = context;
  context.report(`Signed in as ${printable(name)} at ${address.origin}.`, {
    type: 'signedIn',
    name,
    player,
    server: address.origin,
  });
}

function requireOneWay(context: ClientContext, { name, browser = false, tokenFile }: Wishes): void {
  if (name === undefined && !browser && tokenFile === undefined) {
    const message = `Say as whom, \`${context.call('login NAME')}\`, or sign in by a browser: \`${context.call('login --browser')}\`.`;
    throw new CliError('name_missing', message, { exitCode: ClientExit.usage });
  }
  if (name !== undefined && tokenFile !== undefined) {
    const message = 'The token says who you are; leave the name out.';
    throw new CliError('name_unasked', message, { exitCode: ClientExit.usage });
  }
}

async function signInBy(
  context: ClientContext,
  { name, browser = false, open, passwordStdin = false, tokenFile }: Wishes,
): Promise<{ readonly name: string; readonly player: string }> {
  if (tokenFile !== undefined) return await signInByTokenFile(context, tokenFile);
  return name === undefined || browser
    ? await signInByBrowser(context, { name, open })
    : await signInByPassword(context, { name, open, passwordStdin });
}

/** The first token that is shown makes the player, when there is none yet; the server says what they are called here. */
async function signInByTokenFile({ auth, profile }: ClientContext, tokenFile: string): Promise<Account> {
  const account = await auth.me(await readTokenFile(tokenFile, { now: Date.now() }));
  const { name, player, session } = account;
  await profile.locked(name, () => profile.saveTokenFile({ name, player, session, tokenFile }));
  await profile.use(name);
  return account;
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
