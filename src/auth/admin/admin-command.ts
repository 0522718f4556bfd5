import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { ensureFolder } from '../../process/folders.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { printable } from '../../process/printable.ts';
import { runCommand } from '../../process/run-command.ts';
import { parseId, webRandomBytes } from '../../protocol/ids.ts';
import { loadSettings, type Settings, settingsOptions } from '../../settings/index.ts';
import { type Store, StoreError } from '../../store/index.ts';
import { Moderation } from '../moderation.ts';
import { readPlayerName } from '../names/player-name.ts';
import { openAuthStore } from '../open-auth-store.ts';
import { RecoveryCodes } from '../recovery/recovery-codes.ts';
import type { AccountRow, AuthSchema } from '../schema.ts';

/** The options of every `castling admin` command, beside those of settings. */
export interface AdminOptions {
  readonly json?: boolean;
}

export interface AdminContext {
  readonly store: Store<AuthSchema>;
  readonly settings: Settings['auth'];
  readonly moderation: Moderation;
  /** For the audit log: the account of the machine that runs the command. */
  readonly actor: string;
  /** Prints a table, or with `--json` one object a line. */
  list(rows: readonly Row[]): void;
  /** Prints a sentence, or with `--json` an object. */
  say(text: string, object: Row): void;
  /** @throws OperatorError `usage` when nobody has this name or id */
  account(nameOrId: string): Promise<AccountRow>;
}

type Cell = string | number | boolean | null;
export type Row = { readonly [column: string]: Cell };

/** Adds the shared options to a sub-command and gives it what it works with. */
export function adminAction<Options extends AdminOptions>(
  command: Command,
  run: (context: AdminContext, options: Options, args: readonly string[]) => Promise<void>,
  { shortKeys = [] }: { readonly shortKeys?: readonly string[] } = {},
): void {
  command.option('--json', 'one JSON object a line');
  const sources = settingsOptions(command, ['data', 'auth.store', ...shortKeys]);
  command.action(async () => {
    await runCommand(async () => {
      const { settings } = await loadSettings(sources());
      await withStore(settings, command.opts<Options>(), (context, options) =>
        run(context, options, command.args),
      );
    });
  });
}

async function withStore<Options extends AdminOptions>(
  settings: Settings,
  options: Options,
  run: (context: AdminContext, options: Options) => Promise<void>,
): Promise<void> {
  const store = await open(settings);
  try {
    const actor = `operator:${printable(userInfo().username)}`;
    const codes = new RecoveryCodes({ randomBytes: webRandomBytes });
    const isJson = options.json === true;
    await run(
      {
        store,
        settings: settings.auth,
        actor,
        moderation: new Moderation({ store, codes, clock: Date.now, actor }),
        list: (rows) => process.stdout.write(isJson ? asLines(rows) : asTable(rows)),
        say: (text, object) => process.stdout.write(isJson ? asLines([object]) : `${text}\n`),
        account: async (nameOrId) => await findAccount(store, nameOrId),
      },
      options,
    );
  } finally {
    await store.close();
  }
}

async function open({ data, auth }: Settings): Promise<Store<AuthSchema>> {
  await ensureFolder(data, { flag: '--data' });
  try {
    return await openAuthStore(auth.store);
  } catch (error) {
    if (error instanceof StoreError)
      throw new OperatorError('settings_invalid', error.message, { cause: error });
    throw error;
  }
}

async function findAccount(store: Store<AuthSchema>, nameOrId: string): Promise<AccountRow> {
  const player = parseId('player', nameOrId);
  const reading = readPlayerName(nameOrId);
  const query = store.db.selectFrom('accounts').selectAll();
  const row =
    player !== undefined
      ? await query.where('player', '=', player).executeTakeFirst()
      : reading.ok
        ? await query.where('name', '=', reading.name).executeTakeFirst()
        : undefined;
  if (row !== undefined) return row;
  throw new OperatorError(
    'usage',
    `There is no account ${printable(nameOrId)}; \`castling admin users list\` shows them.`,
  );
}

/** For options that say how many. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more.');
  return Number(text);
}

/** Unix milliseconds as a person reads them. */
export function moment(ms: number | null): string {
  return ms === null ? '-' : new Date(Number(ms)).toISOString().replace(/\.\d+Z$/, 'Z');
}

function asLines(rows: readonly Row[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function asTable(rows: readonly Row[]): string {
  const [first] = rows;
  if (first === undefined) return 'None.\n';
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((column) => cellText(row[column] ?? null)))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((text, index) => text.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Players chose some of these: what would move a terminal's cursor is made visible. */
function cellText(cell: Cell): string {
  return cell === null ? '-' : printable(String(cell));
}
