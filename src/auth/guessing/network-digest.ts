import { createHmac } from 'node:crypto';
import { networksOf } from '../../process/networks-of.ts';

/** What the store keeps instead of an address: the same for a whole site, and nobody without the key can tell whose. */
export function networkDigest(address: string, key: Buffer): string {
  const [site] = networksOf(address);
  return createHmac('sha256', key)
    .update(`castling network 1:${site?.prefix ?? ''}`)
    .digest('base64url')
    .slice(0, 22);
}
