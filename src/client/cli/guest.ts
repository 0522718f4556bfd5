import { printable } from '../../process/printable.ts';
import type { Upgrade } from '../auth-client.ts';
import { ClientError } from '../client-error.ts';
import { CliError } from './cli-error.ts';
import type { ClientContext } from './client-command.ts';
import { ClientExit } from './client-exit.ts';
import { deviceLabel, signIn } from './sign-in.ts';

/**
 * Signs in as a guest, unless one plays here already. Trust must be settled.
 * @throws CliError `signed_in` when somebody with an account does, or `as` says who is to play
 */
export async function visit(
  context: ClientContext,
  { name, as }: { readonly name: string | undefined; readonly as: string | undefined },
): Promise<void> {
  const { profile, auth, terminal, call } = context;
  const current = as ?? (await profile.currentName());
  const saved = current === undefined ? undefined : await profile.load(current);
  if (saved?.isGuest === true && (name === undefined || name === saved.name)) return;
  if (saved !== undefined || as !== undefined) {
    const message = `You are signed in as ${printable(current ?? '')}; play without --guest, or \`${call('logout')}\` first.`;
    throw new CliError('signed_in', message, { exitCode: ClientExit.usage });
  }
  const grant = await signIn(context, (prover) => auth.visit({ name, device: deviceLabel }, { prover }));
  const hint = `You play as the guest ${printable(grant.name)}. To keep your matches: ${call('register NAME')}`;
  terminal.stderr.write(`${hint}\n`);
}

/** The name of the guest that plays here now. */
export async function guestHere({ profile }: ClientContext): Promise<string | undefined> {
  const name = await profile.currentName();
  const saved = name === undefined ? undefined : await profile.load(name);
  return saved?.isGuest === true ? saved.name : undefined;
}

/** `undefined` when the guest is gone: then there is nothing to keep, and a new account is what is left. */
export async function upgradeGuest(
  { profile, tokens, auth }: ClientContext,
  { guest, ...credentials }: { readonly guest: string; readonly name: string; readonly password: string },
): Promise<Upgrade | undefined> {
  try {
    const upgrade = await auth.upgradeGuest(await tokens(guest).accessToken(), credentials);
    await profile.rename({ from: guest, to: upgrade.name });
    if (upgrade.deviceToken !== undefined) await profile.saveDeviceToken(upgrade.name, upgrade.deviceToken);
    return upgrade;
  } catch (error) {
    const isGone = error instanceof ClientError && (error.code === 'signed_out' || error.httpStatus === 401);
    if (!isGone) throw error;
    await profile.forget(guest);
    return undefined;
  }
}
