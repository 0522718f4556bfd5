import { createHash } from 'node:crypto';
import { base64url, type RandomBytes } from '../../protocol/ids.ts';

/** `crt_` and 43 base64url characters: 256 random bits. The prefix lets secret scanners and our own logs know it. */
export const refreshTokenPattern = '^crt_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$';

const randomByteCount = 32;

export function newRefreshToken(randomBytes: RandomBytes): string {
  return `crt_${base64url(randomBytes(randomByteCount))}`;
}

/** What the store keeps. A plain hash is enough for 256 random bits: there is nothing to guess. */
export function digestOfRefreshToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
