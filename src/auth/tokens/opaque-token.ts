import { createHash } from 'node:crypto';
import { base64url, type RandomBytes } from '../../protocol/ids.ts';

/**
 * Secrets that mean something to the store alone: a prefix, by which secret scanners and our own logs know them, and 43
 * base64url characters: 256 random bits.
 */
const prefixes = {
  /** Goes on with a session. */
  refresh: 'crt_',
  /** Says that a device has signed in before; opens nothing. */
  device: 'cdt_',
  /** The password was right, and a second factor is still to come. */
  signIn: 'cst_',
  /** A terminal waits to be let in by a browser. */
  deviceCode: 'cdc_',
} as const;

export type OpaqueTokenKind = keyof typeof prefixes;

const randomByteCount = 32;

export function newOpaqueToken(kind: OpaqueTokenKind, randomBytes: RandomBytes): string {
  return prefixes[kind] + base64url(randomBytes(randomByteCount));
}

/** As a regular expression. The last character holds four bits only, so that each token has one way to be written. */
export function opaqueTokenPattern(kind: OpaqueTokenKind): string {
  return `^${prefixes[kind]}[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$`;
}

/** What the store keeps. A plain hash is enough for 256 random bits: there is nothing to guess. */
export function digestOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
