import type { Command } from 'commander';
import { register as registerDeleteAccount } from './commands/delete-account.ts';
import { register as registerExport } from './commands/export.ts';
import { register as registerLogin } from './commands/login.ts';
import { register as registerLogout } from './commands/logout.ts';
import { register as registerMatches } from './commands/matches.ts';
import { register as registerPasskey } from './commands/passkey.ts';
import { register as registerPassword } from './commands/password.ts';
import { register as registerPlay } from './commands/play.ts';
import { register as registerRecover } from './commands/recover.ts';
import { register as registerRecoveryCodes } from './commands/recovery-codes.ts';
import { register as registerRegister } from './commands/register.ts';
import { register as registerSessions } from './commands/sessions.ts';
import { register as registerTotp } from './commands/totp.ts';
import { register as registerTunnel } from './commands/tunnel.ts';
import { register as registerWatch } from './commands/watch.ts';
import { register as registerWhoami } from './commands/whoami.ts';

/** Registers the player's commands. */
export function register(program: Command): void {
  for (const registerCommand of [
    registerRegister,
    registerLogin,
    registerLogout,
    registerWhoami,
    registerPlay,
    registerWatch,
    registerMatches,
    registerTunnel,
    registerSessions,
    registerPassword,
    registerRecover,
    registerRecoveryCodes,
    registerTotp,
    registerPasskey,
    registerExport,
    registerDeleteAccount,
  ]) {
    registerCommand(program);
  }
}
