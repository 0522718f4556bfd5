import type { Command } from 'commander';
import { Option } from 'commander';
import type { LogoutScope } from '../../auth-client.ts';
import { ClientError } from '../../client-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';

interface LogoutOptions extends SharedOptions {
  readonly scope: LogoutScope;
  readonly forget?: boolean;
}

/** `castling logout` */
export function register(program: Command): void {
  const command = program
    .command('logout')
    .description('end this sign-in on the server, and forget it here')
    .addOption(
      new Option('--scope <scope>', 'which sign-ins of the account end: this one, all others, or all')
        .choices(['local', 'others', 'global'])
        .default('local'),
    )
    .option('--forget', 'only forget it here, when the server is gone for good')
    .action((options: LogoutOptions) => runClientCommand(options, (context) => logout(context, options)));
  withSharedOptions(command);
}

async function logout(context: ClientContext, { scope, forget = false }: LogoutOptions): Promise<void> {
  const { name } = await context.session();
  const { address } = context;
  if (!forget) {
    await context.establishTrust();
    await endOnServer(context, { name, scope });
  }
  if (scope !== 'others') await context.profile.forget(name);
  const what = scope === 'others' ? `All other sign-ins of ${name} have ended` : `Signed out ${name}`;
  context.report(`${what} at ${address.origin}.`, { type: 'signedOut', name, scope, server: address.origin });
}

/** A session that has ended already is what was wanted. */
async function endOnServer(
  { auth, tokens }: ClientContext,
  { name, scope }: { readonly name: string; readonly scope: LogoutScope },
): Promise<void> {
  try {
    const access = await tokens(name).accessToken();
    await auth.logout(access, scope);
  } catch (error) {
    const alreadyOut =
      error instanceof ClientError && (error.code === 'signed_out' || error.httpStatus === 401);
    if (!alreadyOut || scope !== 'local') throw error;
  }
}
