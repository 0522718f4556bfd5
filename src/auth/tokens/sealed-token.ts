import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { RandomBytes } from '../../protocol/ids.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts the successor of a refresh token so that only who shows the old token can read it. The store knows the old one
 * by its hash alone, so a stolen store gives neither. The key is derived (HKDF, RFC 5869) for this purpose from 256 random
 * bits and encrypts one message, ever.
 */
export function sealToken(
  next: string,
  { under, randomBytes }: { readonly under: string; readonly randomBytes: RandomBytes },
): string {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, keyFrom(under), nonce, { authTagLength: tagBytes });
  const sealed = Buffer.concat([sealing.update(next, 'utf8'), sealing.final()]);
  return Buffer.concat([nonce, sealed, sealing.getAuthTag()]).toString('base64url');
}

/** The successor; `undefined` when this was not sealed under that token, or was damaged. */
export function openToken(sealed: string, { under }: { readonly under: string }): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= nonceBytes + tagBytes) return undefined;
  const opening = createDecipheriv(cipher, keyFrom(under), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  opening.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = opening.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function keyFrom(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, '', 'castling refresh successor 1', 32));
}
