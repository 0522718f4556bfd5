/**
 * What must never be read in a log, however it got there. Two walls, both applied to the finished line: values are
 * hidden by the *name* they stand under, and strings are searched for things that *look like* a credential.
 */

export const REDACTED = '[redacted]';

/** Longest string kept in one log value, in UTF-16 code units; a longer one is cut and says by how much. */
export const MAX_LOGGED_STRING = 16_384;

/** Names whose value is a secret, compared in lower case without `-` and `_`. */
const SECRET_NAMES = new Set([
  'apikey',
  'bearer',
  'credential',
  'credentials',
  'dpop',
  'hash',
  'jwt',
  'key',
  'pepper',
  'proof',
  'pwd',
  'salt',
  'ticketkeys',
  'otpauth',
]);

/** `new_password`, `proxy-authorization`, `refreshToken`, `set-cookie`: known by how they end. */
const SECRET_ENDINGS = [
  'authorization',
  'cookie',
  'devicecode',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'recoverycode',
  'recoverycodes',
  'secret',
  'signingkey',
  'ticket',
  'token',
  'usercode',
];

/** True when a value under this name is a secret, whatever it looks like. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
}

/**
 * Returns `value` (JSON types only) without secrets. Booleans and null stay even under a secret name: whether there
 * was a token is worth knowing. A flat list of header names and values (`rawHeaders`) is understood as pairs.
 */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(cut(value));
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return redactList(value);
  if (isSerializedBuffer(value)) return `[${value.data.length} bytes]`;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    setOwn(result, name, isSecretName(name) ? hide(inner) : redact(inner));
  }
  return result;
}

/**
 * Hides what looks like a credential inside free text: JSON Web Tokens, our own opaque tokens (`crt_…`), recovery codes, the
 * codes of the device flow, authenticator secrets, authorization values, token parameters of a URL, the password of a database
 * URL, and private keys in PEM. Takes time linear in the length of the text.
 */
export function scrubText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replaceAll(PEM_PRIVATE_KEY, REDACTED)
    .replaceAll(TOKEN_RUN, hideTokensInRun)
    .replaceAll(TYPED_CODE, REDACTED)
    .replaceAll(AUTHENTICATOR_URI, REDACTED)
    .replaceAll(AUTHORIZATION_VALUE, `$1 ${REDACTED}`)
    .replaceAll(SECRET_PARAMETER, `$1=${REDACTED}`)
    .replaceAll(URL_PASSWORD, `$1:${REDACTED}@`);
}

/** What every one of the expressions below needs a match of: most texts have none, and are looked at once instead of seven times. */
const SUSPICIOUS = /[=@]|-----|[a-z\d]{4}-[a-z\d]{4}|[\w.-]{20}|(?:bearer|basic|dpop) |otpauth:/i;

const PEM_PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?/g;
const AUTHORIZATION_VALUE = /\b(Bearer|Basic|DPoP) +[\w.~+/=-]{12,}/gi;
const SECRET_PARAMETER =
  /\b((?:access_|refresh_|id_)?token|password|(?:client_)?secret|(?:device|user)_code)=[^&\s"'\\#]+/gi;
const URL_PASSWORD = /(:\/\/[^/\s:@"']{1,256}):[^/\s@"']{1,256}@/g;

/** A whole run of token characters is taken at once, so that a long hostile run is scanned once and not per start. */
const TOKEN_RUN = /[\w.-]{20,}/g;

/** Codes that people type: for recovery (five groups of five), and for another device (two of four). In either case. */
const TYPED_CODE =
  /\b(?:[0-9A-HJKMNP-TV-Z]{5}(?:-[0-9A-HJKMNP-TV-Z]{5}){4}|[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4})\b/gi;

/** How an authenticator app takes its secret. */
const AUTHENTICATOR_URI = /\botpauth:[^\s"'\\]+/gi;

/** Of our own opaque tokens: refresh, device, sign-in, device code. */
const OPAQUE_TOKEN = /c[rds]t_|cdc_/;

function hideTokensInRun(run: string): string {
  const starts = [jwtStart(run), run.search(OPAQUE_TOKEN)].filter((start) => start >= 0);
  return starts.length === 0 ? run : run.slice(0, Math.min(...starts)) + REDACTED;
}

/** A JWT begins with `{"` in base64url and has a dot after a header of a plausible length. */
function jwtStart(run: string): number {
  const start = run.indexOf('eyJ');
  if (start < 0) return -1;
  const dot = run.indexOf('.', start);
  return dot - start >= 10 && run.length - dot > 4 ? start : -1;
}

function redactList(list: unknown[]): unknown[] {
  return list.map((item, index) => {
    const before = list[index - 1];
    const isHeaderValue = index % 2 === 1 && typeof before === 'string' && isSecretName(before);
    return isHeaderValue ? hide(item) : redact(item);
  });
}

function hide(value: unknown): unknown {
  return value === null || typeof value === 'boolean' ? value : REDACTED;
}

function cut(text: string): string {
  if (text.length <= MAX_LOGGED_STRING) return text;
  return `${text.slice(0, MAX_LOGGED_STRING)}… (${text.length - MAX_LOGGED_STRING} more)`;
}

function isSerializedBuffer(value: object): value is { type: 'Buffer'; data: unknown[] } {
  return 'type' in value && value.type === 'Buffer' && 'data' in value && Array.isArray(value.data);
}

/** A plain assignment to `__proto__` would change the prototype instead of being logged. */
function setOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value;
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}
