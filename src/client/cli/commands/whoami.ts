import type { Command } from 'commander';
import type { Account } from '../../auth-client.ts';
import { ClientError } from '../../client-error.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';

/** `castling whoami` */
export function register(program: Command): void {
  const command = program
    .command('whoami')
    .description('say who is signed in, as the server sees it')
    .action((options: SharedOptions) => runClientCommand(options, whoami));
  withSharedOptions(command);
}

async function whoami(context: ClientContext): Promise<void> {
  const saved = await context.session();
  await context.establishTrust();
  const { name, player, session, isGuest } = await askServer(context, saved.name);
  const server = context.address.origin;
  context.report(`${name}${isGuest ? ', a guest,' : ''} at ${server} (${player})`, {
    type: 'whoami',
    ...{ name, player, session, server, isGuest },
  });
}

/** A token that the server no longer takes is replaced once. */
async function askServer({ auth, tokens }: ClientContext, name: string): Promise<Account> {
  const source = tokens(name);
  const access = await source.accessToken();
  try {
    return await auth.me(access);
  } catch (error) {
    if (!(error instanceof ClientError) || error.httpStatus !== 401) throw error;
    const fresh = await source.accessToken({ rejected: access.token });
    return auth.me(fresh);
  }
}
