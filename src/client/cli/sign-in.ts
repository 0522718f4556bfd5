import { platform } from 'node:os';
import type { Grant } from '../auth-client.ts';
import type { ProofKey } from '../proof-key.ts';
import type { ClientContext } from './client-command.ts';

/** What the list of signed-in devices calls this program. The machine's name stays here. */
export const deviceLabel = `terminal (${platform()})`;

/**
 * Signs in by `ask`, which is given the key that the new session is to be bound to; keeps it, and makes it the one that
 * commands use.
 */
export async function signIn(context: ClientContext, ask: (key: ProofKey) => Promise<Grant>): Promise<Grant> {
  const { profile } = context;
  const key = await profile.keys.make();
  const grant = await ask(key);
  await profile.locked(grant.name, () => profile.save(grant, { now: Date.now(), key }));
  if (grant.deviceToken !== undefined) await profile.saveDeviceToken(grant.name, grant.deviceToken);
  await profile.use(grant.name);
  return grant;
}
