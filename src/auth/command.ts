import type { Command } from 'commander';
import { registerAudit } from './admin/audit.ts';
import { registerKeys } from './admin/keys.ts';
import { registerSessions } from './admin/sessions.ts';
import { registerUsage } from './admin/usage.ts';
import { registerUsers } from './admin/users.ts';

/**
 * `castling admin`: what an operator does to accounts, at the machine that holds their database. There is no operator's
 * account: whoever may open the database is the operator. Running proxies act on all of it within half a second.
 */
export function register(program: Command): void {
  const admin = program
    .command('admin')
    .description('Look after accounts, sessions and keys, on the machine that holds the database.');
  registerUsers(admin);
  registerSessions(admin);
  registerKeys(admin);
  registerAudit(admin);
  registerUsage(admin);
}
