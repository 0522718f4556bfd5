import { compactVerify } from 'jose';
import type { Json } from '../../protocol/json.ts';
import { parseStrictJson } from '../../protocol/strict-json.ts';
import { AuthError } from '../auth-error.ts';
import { isCompactForm, type SignatureLength } from './compact-form.ts';
import type { SignatureAlgorithm, VerificationKey } from './verification-key.ts';

/** Levels, members and digits of a header or payload; ours have two levels and at most ten members. */
const tokenJsonLimits = { depth: 4, items: 64, numberLength: 24 } as const;

export type JwsHeader = { readonly alg: SignatureAlgorithm; readonly [name: string]: Json };

/** What one kind of token must look like before its key is asked for. */
export interface JwsProfile {
  /** Characters of the whole token. */
  readonly longest: number;
  readonly signature?: SignatureLength;
  /**
   * Members that the header may have beside `alg` and `typ`. Every other registered one either brings a key (`jwk`, `jku`,
   * `x5c`, `x5u`) or changes how the token is read (`crit`, `b64`, `zip`, `enc`), so that none is let in by being ignored.
   */
  readonly headerNames: ReadonlySet<string>;
  /** What the header may say that it is, exactly; with `undefined` among them it may not say. */
  readonly types: ReadonlySet<Json | undefined>;
  readonly algorithms: ReadonlySet<string>;
  /** The key for a header that fits. @throws AuthError when the header does not name one as it should */
  keyFor(header: JwsHeader): VerificationKey | undefined | Promise<VerificationKey | undefined>;
}

/**
 * Verifies a JWS in compact serialisation (RFC 7515 section 3.1) in a fixed order, each step before the next one costs
 * anything: size, form, header, key, signature (RFC 8725 section 3).
 *
 * @throws AuthError `token_too_large`, `token_malformed`, `token_header_refused`, `token_key_unknown`,
 * `token_signature_wrong`; and what looking for the key throws
 */
export async function verifyCompactJws(token: string, profile: JwsProfile): Promise<VerifiedJws> {
  requireCompactForm(token, profile);
  const header = readHeader(token.slice(0, token.indexOf('.')), profile);
  const key = await profile.keyFor(header);
  if (key === undefined) throw new AuthError('token_key_unknown');
  // The key says which algorithm it is for; the header only repeats it (RFC 8725 section 3.1).
  if (key.alg !== header.alg) throw new AuthError('token_header_refused');
  try {
    const { payload } = await compactVerify(token, key.publicKey, { algorithms: [key.alg] });
    return { payload, key };
  } catch (cause) {
    throw new AuthError('token_signature_wrong', { cause });
  }
}

export interface VerifiedJws {
  readonly payload: Uint8Array;
  readonly key: VerificationKey;
}

/** The first two steps. @throws AuthError `token_too_large`, `token_malformed` */
export function requireCompactForm(
  token: string,
  { longest, signature }: Pick<JwsProfile, 'longest' | 'signature'>,
): void {
  if (token.length > longest) throw new AuthError('token_too_large');
  if (!isCompactForm(token, signature)) throw new AuthError('token_malformed');
}

function readHeader(encoded: string, { headerNames, types, algorithms }: JwsProfile): JwsHeader {
  const header = parseJsonPart(Buffer.from(encoded, 'base64url'));
  const isKnown = (name: string) => name === 'alg' || name === 'typ' || headerNames.has(name);
  if (header === undefined || !Object.keys(header).every(isKnown)) {
    throw new AuthError('token_header_refused');
  }
  const { alg, typ } = header;
  if (typeof alg !== 'string' || !algorithms.has(alg) || !types.has(typ)) {
    throw new AuthError('token_header_refused');
  }
  return header as JwsHeader;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JSON object in UTF-8 without a name twice; `undefined` for anything else. */
export function parseJsonPart(bytes: Uint8Array): { readonly [name: string]: Json } | undefined {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return undefined;
  }
  const reading = parseStrictJson(text, tokenJsonLimits);
  if (!reading.ok || typeof reading.value !== 'object' || reading.value === null) return undefined;
  return Array.isArray(reading.value) ? undefined : (reading.value as { readonly [name: string]: Json });
}
