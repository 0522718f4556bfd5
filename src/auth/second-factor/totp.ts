import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Codes by time (RFC 6238), with the values that every authenticator app understands: HMAC-SHA-1, steps of 30 seconds, six
 * digits. SHA-1 is no weakness here, since HMAC does not need its collision resistance; apps ignore any other choice.
 */
const stepSeconds = 30;
const digits = 6;
/** Steps before and after the present one that count, for a phone whose clock is off (RFC 6238 section 5.2). */
const drift = 1;
/** RFC 4226 section 4 asks for 160 bits. */
export const totpSecretBytes = 20;

/** The step that a moment (Unix milliseconds) belongs to. */
export function totpStep(now: number): number {
  return Math.floor(now / 1000 / stepSeconds);
}

/** HOTP (RFC 4226 section 5.3) of a step. */
export function totpCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** As typed: apps show a gap in the middle. `undefined` for what cannot be a code. */
export function readTotpCode(typed: string): string | undefined {
  const code = typed.replaceAll(/\s/g, '');
  return /^\d{6}$/.test(code) ? code : undefined;
}

/**
 * The step whose code this is, near the present one; `undefined` when it is none, or of a step not later than `after`: a code
 * counts once (RFC 6238 section 5.2), also for whoever read it over a shoulder.
 */
export function matchingStep(
  secret: Uint8Array,
  { code, now, after }: { readonly code: string; readonly now: number; readonly after: number | null },
): number | undefined {
  const present = totpStep(now);
  for (let step = present - drift; step <= present + drift; step += 1) {
    const isRight = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (isRight && (after === null || step > after)) return step;
  }
  return undefined;
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, without padding: how apps take a secret. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += base32Alphabet[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + base32Alphabet[(held << (5 - bits)) & 31];
}

/** What an authenticator app reads from a QR code (the "Key URI" format that all of them share). */
export function otpauthUri({
  secret,
  issuer,
  name,
}: {
  /** In base32. */
  readonly secret: string;
  readonly issuer: string;
  readonly name: string;
}): string {
  // A colon would end the issuer early.
  const label = [issuer, name].map((part) => encodeURIComponent(part.replaceAll(':', ' '))).join(':');
  const parameters = new URLSearchParams({ secret, issuer, algorithm: 'SHA1' });
  parameters.set('digits', String(digits));
  parameters.set('period', String(stepSeconds));
  // The label is percent-encoded already; a plus for a space is not understood by every app.
  return `otpauth://totp/${label}?${parameters.toString().replaceAll('+', '%20')}`;
}
