import { platform } from 'node:os';
import type { Command } from 'commander';
import { Option } from 'commander';
import { isClone, packageRoot } from '../../process/folders.ts';
import { printable, printableStack } from '../../process/printable.ts';
import { scrubText } from '../../process/redaction.ts';
import { AccountHttp } from '../account-http.ts';
import { AuthClient } from '../auth-client.ts';
import { Connection } from '../connection.ts';
import { DeviceFlow } from '../device-flow.ts';
import { WaysInClient } from '../ways-in-client.ts';
import { CliError } from './cli-error.ts';
import { ClientExit, exitTable } from './client-exit.ts';
import { explain } from './explain.ts';
import { KeyStore, keyHome } from './key-store.ts';
import { nodeDial } from './node-dial.ts';
import { Profile, profileHome, type SavedSession } from './profile.ts';
import { ProfileTokens } from './profile-tokens.ts';
import { defaultUrl, parseServerAddress, type ServerAddress } from './server-address.ts';
import type { Terminal } from './terminal.ts';
import { type CaFile, establishTrust, readCaFile } from './trust.ts';

/** The options that every player's command has. */
export interface SharedOptions {
  readonly url: string;
  readonly ca?: string;
  readonly json?: boolean;
  readonly as?: string;
}

/** What an action works with, once the command line has been read. */
export interface ClientContext {
  readonly address: ServerAddress;
  readonly profile: Profile;
  readonly http: AccountHttp;
  readonly auth: AuthClient;
  readonly waysIn: WaysInClient;
  readonly deviceFlow: DeviceFlow;
  readonly terminal: Terminal;
  readonly json: boolean;
  /** How a person here calls a command, for hints. */
  readonly call: (command: string) => string;
  /** Settles the TLS trust; must come before anything is sent. */
  establishTrust(): Promise<void>;
  /** The sign-in to use: `--as`, else the one used last. @throws CliError `not_signed_in` */
  session(): Promise<SavedSession>;
  tokens(name: string): ProfileTokens;
  /** A connection that is open. Whoever asks for it closes it. @throws what `explain` understands */
  connect(): Promise<Connection>;
  /** One line for a person, or one JSON object for a script. */
  report(text: string, object: Readonly<Record<string, unknown>>): void;
}

/** Adds `--url`, `--ca`, `--json` and, where it makes sense, `--as` to a sub-command, and the table of exit codes. */
export function withSharedOptions(command: Command, { as = true }: { readonly as?: boolean } = {}): Command {
  command
    .addOption(new Option('--url <url>', 'the server').env('CASTLING_URL').default(defaultUrl))
    .option('--ca <file>', 'trust this CA (PEM) for this server and no other; remembered')
    .option('--json', 'one JSON object a line, for scripts');
  if (as) command.option('--as <name>', 'act as this signed-in player instead of the one used last');
  return command.addHelpText('after', exitTable);
}

/** Runs a player's command: every failure becomes one sentence (or one JSON line) and an exit code of the table. */
export async function runClientCommand(
  options: SharedOptions,
  action: (context: ClientContext) => Promise<void>,
): Promise<void> {
  const terminal: Terminal = process;
  const json = options.json === true;
  let context: ClientContext | undefined;
  try {
    // What is wrong with the command line comes before what is wrong with the sign-in.
    const ca = options.ca === undefined ? undefined : await readCaFile(options.ca);
    context = createContext(options, { terminal, ca });
    await action(context);
    process.exitCode = ClientExit.ok;
  } catch (error) {
    const explained = context === undefined ? error : explain(error, context);
    process.exitCode = reportFailure(explained, { terminal, json });
  } finally {
    // A terminal that is still being listened to would keep the process alive.
    process.stdin.pause();
    process.stdin.unref?.();
  }
}

function createContext(
  options: SharedOptions,
  { terminal, ca }: { readonly terminal: Terminal; readonly ca: CaFile | undefined },
): ClientContext {
  const address = parseServerAddress(options.url || defaultUrl);
  const keys = new KeyStore({ folder: keyHome(terminal.env) });
  const profile = new Profile({ home: profileHome(terminal.env), origin: address.origin, keys });
  const http = new AccountHttp({ origin: address.origin, program: `castling (${platform()})` });
  const auth = new AuthClient(http);
  const json = options.json === true;
  const tokens = (name: string) => new ProfileTokens({ profile, auth, name });
  const program = isClone(packageRoot()) ? 'npx castling' : 'castling';
  const isUsual = (options.url || defaultUrl) === (terminal.env.CASTLING_URL || defaultUrl);
  const suffix = isUsual ? '' : ` --url ${address.origin}`;
  const call = (command: string) => `${program} ${command}${suffix}`;

  async function session(): Promise<SavedSession> {
    const name = options.as ?? (await profile.currentName());
    const saved = name === undefined ? undefined : await profile.load(name);
    if (saved !== undefined) return saved;
    const who = options.as === undefined ? '' : ` as ${printable(options.as)}`;
    const message = `You are not signed in${who} at ${address.origin}: \`${call('login NAME')}\`, or \`${call('register NAME')}\` for a new account.`;
    throw new CliError('not_signed_in', message, { exitCode: ClientExit.noPermission });
  }

  return {
    address,
    profile,
    http,
    auth,
    waysIn: new WaysInClient(http),
    deviceFlow: new DeviceFlow({ http, origin: address.origin }),
    terminal,
    json,
    call,
    session,
    tokens,
    establishTrust: () => establishTrust({ address, ca, profile, terminal }),
    async connect() {
      const { name } = await session();
      const connection = new Connection({ url: address.playUrl, tokens: tokens(name), dial: nodeDial });
      try {
        await connection.opened({ attempts: 1 });
      } catch (error) {
        connection.close();
        throw error;
      }
      return connection;
    },
    report(text, object) {
      terminal.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
    },
  };
}

function reportFailure(
  error: unknown,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): ClientExit {
  const known = error instanceof CliError;
  const message = known
    ? error.message
    : `unexpected error: ${printable(error instanceof Error ? error.message : String(error))} (this is a fault in Castling; CASTLING_DEBUG=1 shows where)`;
  const exitCode = known ? error.exitCode : ClientExit.software;
  const code = known ? error.code : 'unexpected';
  const text = scrubText(message);
  if (json) terminal.stdout.write(`${JSON.stringify({ type: 'error', code, message: text, exitCode })}\n`);
  else terminal.stderr.write(`castling: ${text}\n`);
  if (terminal.env.CASTLING_DEBUG && error instanceof Error && error.stack) {
    terminal.stderr.write(`${scrubText(printableStack(error.stack))}\n`);
  }
  return exitCode;
}
