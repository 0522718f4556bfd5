import type { Command } from 'commander';
import { type DailyRouteUse, dayText, routeUseDays, routeUsesSince } from '../route-uses.ts';
import { type AdminContext, type AdminOptions, adminAction, parseCount } from './admin-command.ts';

interface UsageOptions extends AdminOptions {
  readonly days: number;
  readonly limit: number;
}

const dayMs = 86_400_000;

/** `castling admin usage [name]` */
export function registerUsage(admin: Command): void {
  adminAction<UsageOptions>(
    admin
      .command('usage')
      .argument('[name]', 'an account; everybody when left out')
      .description(
        'what players have had of tcp routes: connections, bytes up and down, and time; who had most comes first, one player by day',
      )
      .option('--days <number>', `how far back, today included; ${routeUseDays} are kept`, parseCount, 30)
      .option('--limit <number>', 'how many lines', parseCount, 100),
    usage,
  );
}

async function usage(
  context: AdminContext,
  { days, limit }: UsageOptions,
  [name]: readonly string[],
): Promise<void> {
  const { store, list } = context;
  const day = Math.floor(Date.now() / dayMs) - days + 1;
  if (name !== undefined) {
    const { player } = await context.account(name);
    const uses = await routeUsesSince(store.db, { day, player });
    list(uses.slice(0, limit).map((use) => ({ day: dayText(use.day), ...row(use) })));
    return;
  }
  const totals = totalsOf(await routeUsesSince(store.db, { day }))
    .sort((one, other) => bytes(other) - bytes(one) || other.ms - one.ms)
    .slice(0, limit);
  const named = await store.db
    .selectFrom('accounts')
    .select(['player', 'name'])
    .where(
      'player',
      'in',
      totals.map(({ player }) => player),
    )
    .execute();
  const names = new Map(named.map(({ player, name }) => [player, name]));
  list(totals.map((use) => ({ name: names.get(use.player) ?? null, player: use.player, ...row(use) })));
}

/** One for each player and route. */
function totalsOf(uses: readonly DailyRouteUse[]): DailyRouteUse[] {
  const totals = new Map<string, DailyRouteUse>();
  for (const use of uses) {
    const key = `${use.player} ${use.route}`;
    const before = totals.get(key);
    totals.set(
      key,
      before === undefined
        ? use
        : {
            ...before,
            connections: before.connections + use.connections,
            bytesUp: before.bytesUp + use.bytesUp,
            bytesDown: before.bytesDown + use.bytesDown,
            ms: before.ms + use.ms,
          },
    );
  }
  return [...totals.values()];
}

function bytes({ bytesUp, bytesDown }: DailyRouteUse): number {
  return bytesUp + bytesDown;
}

function row({ route, connections, bytesUp, bytesDown, ms }: DailyRouteUse) {
  return { route, connections, bytesUp, bytesDown, seconds: Math.round(ms / 1_000) };
}
