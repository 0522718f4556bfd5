import { createHmac } from 'node:crypto';
import { readPlayerName } from '../names/player-name.ts';

/** What credential ids look like in the wild, in bytes: authenticators choose for themselves. */
const lengths = [16, 20, 32, 32, 32, 48, 64] as const;

/**
 * Credential ids that are nobody's, the same whenever they are asked for, so that the list for a name that nobody has looks like
 * any other (WebAuthn section 14.6.2). An authenticator passes over what it does not know.
 */
export function decoys({
  name,
  count,
  key,
}: {
  readonly name: string;
  readonly count: number;
  readonly key: Buffer;
}): string[] {
  const reading = readPlayerName(name);
  const whose = reading.ok ? reading.name : `not a name: ${name.slice(0, 256)}`;
  const mac = (what: string) =>
    createHmac('sha512', key).update(`castling decoy 1:${what}:${whose}`).digest();
  return Array.from({ length: count }, (_, index) => {
    const [choice = 0] = mac(`length ${index}`);
    return mac(`id ${index}`)
      .subarray(0, lengths[choice % lengths.length])
      .toString('base64url');
  });
}
