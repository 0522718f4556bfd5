import { compactVerify } from 'jose';
import type { Json } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { parseStrictJson } from '../../protocol/strict-json.ts';
import { AuthError } from '../auth-error.ts';
import { isCompactForm } from './compact-form.ts';
import type { VerificationKey } from './verification-key.ts';

/** Levels, members and digits of a header or payload; ours have one level and at most nine members. */
const tokenJsonLimits = { depth: 4, items: 64, numberLength: 24 } as const;

/**
 * Verifies a JWS in compact serialisation (RFC 7515 section 3.1) in a fixed order, each step before the next one costs
 * anything: size, form, header, key, signature (RFC 8725 section 3). Gives the payload's bytes.
 *
 * The header may have `alg`, `kid` and `typ` and nothing else: every other registered member either brings a key
 * (`jwk`, `jku`, `x5c`, `x5u`) or changes how the token is read (`crit`, `b64`, `zip`, `enc`), and we never make one.
 *
 * @param typ what the header must say it is, exactly; `undefined`: it must not say
 * @throws AuthError `token_too_large`, `token_malformed`, `token_header_refused`, `token_key_unknown`,
 * `token_signature_wrong`
 */
export async function verifyCompactJws(
  token: string,
  { typ, keyFor }: { readonly typ: string | undefined; readonly keyFor: KeyLookup },
): Promise<Uint8Array> {
  if (token.length > limits.tokenBytes) throw new AuthError('token_too_large');
  if (!isCompactForm(token)) throw new AuthError('token_malformed');
  const header = readHeader(token.slice(0, token.indexOf('.')), typ);
  const key = keyFor(header.kid);
  if (key === undefined) throw new AuthError('token_key_unknown');
  // The key says which algorithm it is for; the header only repeats it (RFC 8725 section 3.1).
  if (key.alg !== header.alg) throw new AuthError('token_header_refused');
  try {
    const { payload } = await compactVerify(token, key.publicKey, { algorithms: [key.alg] });
    return payload;
  } catch (cause) {
    throw new AuthError('token_signature_wrong', { cause });
  }
}

export type KeyLookup = (kid: string) => VerificationKey | undefined;

interface Header {
  readonly alg: string;
  readonly kid: string;
}

const headerNames: ReadonlySet<string> = new Set(['alg', 'kid', 'typ']);

function readHeader(encoded: string, typ: string | undefined): Header {
  const header = parseJsonPart(Buffer.from(encoded, 'base64url'));
  if (header === undefined || Object.keys(header).some((name) => !headerNames.has(name))) {
    throw new AuthError('token_header_refused');
  }
  const { alg, kid } = header;
  if ((alg !== 'EdDSA' && alg !== 'ES256') || typeof kid !== 'string' || header.typ !== typ) {
    throw new AuthError('token_header_refused');
  }
  return { alg, kid };
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
