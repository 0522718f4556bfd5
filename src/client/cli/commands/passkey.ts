import type { Command } from 'commander';
import { printable } from '../../../process/printable.ts';
import { withSecondFactor } from '../../second-factor.ts';
import type { ListedPasskey } from '../../ways-in-client.ts';
import {
  type ClientContext,
  runClientCommand,
  type SharedOptions,
  withSharedOptions,
} from '../client-command.ts';
import { openPage } from '../open-page.ts';
import { presentPassword, Secrets } from '../secrets.ts';
import { textTable } from '../text-table.ts';

interface AddOptions extends SharedOptions {
  readonly open: boolean;
}

interface RemoveOptions extends SharedOptions {
  readonly passwordStdin?: boolean;
}

/** `castling passkey …` */
export function register(program: Command): void {
  const passkey = program
    .command('passkey')
    .description('list and remove the passkeys that open your account; add one in the browser');
  const list = passkey
    .command('list')
    .description('list your passkeys')
    .action((options: SharedOptions) => runClientCommand(options, listPasskeys));
  const add = passkey
    .command('add')
    .description('open the page where a passkey is added: only a browser can make one')
    .option('--no-open', 'only print the address')
    .action((options: AddOptions) => runClientCommand(options, (context) => addPasskey(context, options)));
  const remove = passkey
    .command('remove')
    .description('remove a passkey; it opens nothing from then on')
    .argument('<passkey>', 'its id, from `passkey list`')
    .option(
      '--password-stdin',
      'read the password, and the code of a second factor, a line each, from standard input',
    )
    .action((id: string, options: RemoveOptions) =>
      runClientCommand(options, (context) => removePasskey(context, { ...options, id })),
    );
  withSharedOptions(list);
  withSharedOptions(add, { as: false });
  withSharedOptions(remove);
}

async function listPasskeys(context: ClientContext): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const passkeys = await context.waysIn.passkeys(await context.tokens(name).accessToken());
  if (context.json) for (const each of passkeys) context.report('', { type: 'passkey', ...each });
  else if (passkeys.length > 0) context.report(table(passkeys), {});
  else context.report(`You have no passkeys; \`${context.call('passkey add')}\` adds one.`, {});
}

function table(passkeys: readonly ListedPasskey[]): string {
  return textTable([
    ['PASSKEY', 'NAME', 'FOR', 'ADDED', 'LAST USED', ''],
    ...passkeys.map((each) => [
      printable(each.passkey),
      printable(each.name),
      printable(each.domain),
      day(each.createdAt),
      each.lastUsedAt === null ? '-' : day(each.lastUsedAt),
      each.suspectedAt === null ? '' : `refused on ${day(each.suspectedAt)}: may have been copied; remove it`,
    ]),
  ]);
}

async function addPasskey(context: ClientContext, { open }: AddOptions): Promise<void> {
  const page = `${context.address.origin}/#/account`;
  context.report(`Sign in on this page, and add a passkey there:\n\n  ${page}`, {
    type: 'accountPage',
    page,
  });
  if (open) openPage(context.terminal, page);
}

async function removePasskey(
  context: ClientContext,
  { id, passwordStdin }: RemoveOptions & { readonly id: string },
): Promise<void> {
  const { name } = await context.session();
  await context.establishTrust();
  const secrets = new Secrets(context.terminal, { fromStdin: passwordStdin });
  const current = await secrets.ask(presentPassword);
  const access = await context.tokens(name).accessToken();
  await withSecondFactor(
    (code) => context.waysIn.removePasskey(access, id, { current, code }),
    secrets.askCode,
  );
  context.report(`The passkey ${printable(id)} of ${name} is removed.`, {
    type: 'passkeyRemoved',
    name,
    passkey: id,
  });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
