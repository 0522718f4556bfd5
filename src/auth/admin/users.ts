import { type Command, InvalidArgumentError } from 'commander';
import { isBanned } from '../is-banned.ts';
import type { AccountRow } from '../schema.ts';
import { type AdminContext, type AdminOptions, adminAction, moment, parseCount } from './admin-command.ts';

interface BanOptions extends AdminOptions {
  readonly reason: string;
  readonly for?: number;
}

interface ListOptions extends AdminOptions {
  readonly limit: number;
  readonly guests?: boolean;
}

/** Accounts in one listing, unless asked for more. */
const listedMost = 100;

/** `castling admin users …` */
export function registerUsers(admin: Command): void {
  const users = admin.command('users').description('list, show, ban, unban, reset and delete accounts');
  adminAction<ListOptions>(
    users
      .command('list')
      .description('list accounts, newest first')
      .option('--limit <number>', 'how many', parseCount, listedMost)
      .option('--guests', 'only players without an account'),
    listUsers,
  );
  adminAction(users.command('show').argument('<name>').description('show one account'), showUser);
  adminAction<BanOptions>(
    users
      .command('ban')
      .argument('<name>')
      .description('shut an account and end its sessions')
      .requiredOption('--reason <text>', 'for the audit log')
      .option('--for <time>', 'how long, such as 30m, 12h or 7d (default: for good)', parseDuration),
    banUser,
  );
  adminAction(users.command('unban').argument('<name>').description('open an account again'), unbanUser);
  adminAction(
    users
      .command('reset')
      .argument('<name>')
      .description(
        'take every way in away, end all sessions, and print a code for one day to choose a new password',
      ),
    resetUser,
  );
  adminAction(
    users
      .command('delete')
      .argument('<name>')
      .description('delete an account with all that says who it was')
      .requiredOption('--yes', 'really: there is no way back'),
    deleteUser,
  );
}

async function listUsers(
  { store, list }: AdminContext,
  { limit, guests = false }: ListOptions,
): Promise<void> {
  const rows = await store.db
    .selectFrom('accounts')
    .leftJoin('guests', 'guests.player', 'accounts.player')
    .leftJoin('outside_identities', 'outside_identities.player', 'accounts.player')
    .selectAll('accounts')
    .select(['guests.player as guest', 'outside_identities.issuer'])
    .$if(guests, (query) => query.where('guests.player', 'is not', null))
    .orderBy('accounts.created_at', 'desc')
    .orderBy('accounts.player')
    .limit(limit)
    .execute();
  list(rows.map((row) => ({ ...summary(row), from: row.guest === null ? row.issuer : 'guest' })));
}

async function showUser(
  context: AdminContext,
  _: AdminOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { store, say, account } = context;
  const row = await account(name);
  const { live } = await store.db
    .selectFrom('sessions')
    .select(({ fn }) => fn.countAll().as('live'))
    .where('player', '=', row.player)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', Date.now())
    .executeTakeFirstOrThrow();
  const shown = { ...summary(row), sessions: Number(live), banReason: row.disabled_reason };
  const lines = Object.entries(shown).map(([label, value]) => `${label.padEnd(12)}${value ?? '-'}`);
  say(lines.join('\n'), shown);
}

async function banUser(
  { moderation, say, account }: AdminContext,
  options: BanOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { player, name: canonical } = await account(name);
  const until = options.for === undefined ? undefined : Date.now() + options.for;
  await moderation.ban(player, { reason: options.reason, until });
  const end = until === undefined ? 'for good' : `until ${moment(until)}`;
  say(`${canonical} is banned ${end}; every session has ended.`, {
    banned: canonical,
    player,
    until: until ?? null,
  });
}

async function unbanUser(
  { moderation, say, account }: AdminContext,
  _: AdminOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { player, name: canonical } = await account(name);
  await moderation.unban(player);
  say(`${canonical} may sign in again.`, { unbanned: canonical, player });
}

async function resetUser(
  { moderation, say, account }: AdminContext,
  _: AdminOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { player, name: canonical } = await account(name);
  const { code, expiresAt } = await moderation.reset(player);
  const text = `The password, passkeys, second factor and recovery codes of ${canonical} are void, and every session has ended.
Hand over this code, good once, until ${moment(expiresAt)}:

  ${code}

${canonical} chooses a new password with: castling recover ${canonical}`;
  say(text, { reset: canonical, player, code, expiresAt });
}

async function deleteUser(
  { moderation, say, account }: AdminContext,
  _: AdminOptions,
  [name = '']: readonly string[],
): Promise<void> {
  const { player, name: canonical } = await account(name);
  await moderation.delete(player);
  say(`${canonical} is deleted. Matches keep a pseudonym that leads to nobody.`, {
    deleted: canonical,
    player,
  });
}

function summary(row: AccountRow) {
  return {
    name: row.name,
    player: row.player,
    created: moment(row.created_at),
    banned: isBanned(row, Date.now())
      ? row.disabled_until === null
        ? 'for good'
        : moment(row.disabled_until)
      : null,
  };
}

const units: { readonly [unit: string]: number } = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. */
function parseDuration(text: string): number {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (units[unit] ?? 0);
  if (milliseconds === 0) throw new InvalidArgumentError('Write it as 30m, 12h or 7d.');
  return milliseconds;
}
