import { platform } from 'node:os';
import type { Grant } from '../auth-client.ts';
import type { ClientContext } from './client-command.ts';

/** What the list of signed-in devices calls this program. The machine's name stays here. */
export const deviceLabel = `terminal (${platform()})`;

/** Keeps a fresh sign-in and makes it the one that commands use. */
export async function keepSignIn(context: ClientContext, grant: Grant): Promise<void> {
  const { profile } = context;
  await profile.locked(grant.name, () => profile.save(grant, Date.now()));
  if (grant.deviceToken !== undefined) await profile.saveDeviceToken(grant.name, grant.deviceToken);
  await profile.use(grant.name);
}
