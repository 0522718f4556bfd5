import type { Command } from 'commander';
import { dayText, type RouteUse, routeUseDays, routeUsesOf, routeUseTotals } from '../route-uses.ts';
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
  if (name === undefined) {
    const totals = await routeUseTotals(store.db, { day, limit });
    list(totals.map((use) => ({ name: use.name, player: use.player, ...row(use) })));
    return;
  }
  const { player } = await context.account(name);
  const uses = await routeUsesOf(store.db, { player, day });
  list(uses.slice(0, limit).map((use) => ({ day: dayText(use.day), ...row(use) })));
}

function row({ route, connections, bytesUp, bytesDown, ms }: RouteUse) {
  return { route, connections, bytesUp, bytesDown, seconds: Math.round(ms / 1_000) };
}
