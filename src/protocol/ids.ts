/**
 * Branded ids: a player id cannot stand for a match id, although both are strings on the wire.
 * Each brand has one pattern, and `parseId` is the only way from a plain string to a brand.
 */

declare const brand: unique symbol;
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** An account, for life: `p_` and 22 base64url characters (128 bits). Never crosses the link. */
export type PlayerId = Branded<'PlayerId'>;
/** One sign-in: `s_` and 22 base64url characters (128 bits). */
export type SessionId = Branded<'SessionId'>;
/** One contest: `m_` and 16 base64url characters (96 bits, of which the first 32 tell the second). Names a match, opens nothing. */
export type MatchId = Branded<'MatchId'>;
/** What the backend knows of a player: `y_` and 22 base64url characters, stable for one realm of backends. */
export type Pseudonym = Branded<'Pseudonym'>;
/** The idempotency key that a client chose: 8 to 64 characters of `A-Z a-z 0-9 _ -`. Scoped to its player. */
export type CommandId = Branded<'CommandId'>;
/** A game's name, such as `tic-tac-toe`: lower case, digits and hyphens, 2 to 32 characters. */
export type GameId = Branded<'GameId'>;
/** Lets a person into a match: 8 characters without look-alikes (no 0, 1, I, L, O, U). */
export type InviteCode = Branded<'InviteCode'>;

export interface IdTypes {
  player: PlayerId;
  session: SessionId;
  match: MatchId;
  pseudonym: Pseudonym;
  command: CommandId;
  game: GameId;
  invite: InviteCode;
}

export const idPatterns: { readonly [Kind in keyof IdTypes]: string } = {
  player: '^p_[A-Za-z0-9_-]{22}$',
  session: '^s_[A-Za-z0-9_-]{22}$',
  match: '^m_[A-Za-z0-9_-]{16}$',
  pseudonym: '^y_[A-Za-z0-9_-]{22}$',
  command: '^[A-Za-z0-9_-]{8,64}$',
  game: '^[a-z0-9][a-z0-9-]{1,31}$',
  invite: '^[2-9A-HJKMNP-TV-Z]{8}$',
};

const compiled = Object.fromEntries(
  Object.entries(idPatterns).map(([kind, pattern]) => [kind, new RegExp(pattern)]),
) as { readonly [Kind in keyof IdTypes]: RegExp };

/** The one door from text to a branded id. Gives `undefined` for anything that does not match its pattern. */
export function parseId<Kind extends keyof IdTypes>(kind: Kind, text: unknown): IdTypes[Kind] | undefined {
  return typeof text === 'string' && compiled[kind].test(text) ? (text as IdTypes[Kind]) : undefined;
}

/** Fills a buffer with unpredictable bytes; the Web Crypto function by default, a seeded one in simulations. */
export type RandomBytes = (length: number) => Uint8Array;

export const webRandomBytes: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

const randomIdShapes = {
  player: { prefix: 'p_', bytes: 16 },
  session: { prefix: 's_', bytes: 16 },
  command: { prefix: 'c_', bytes: 12 },
} as const;

/** A fresh id of 96 or 128 random bits. */
export function newId<Kind extends keyof typeof randomIdShapes>(
  kind: Kind,
  randomBytes: RandomBytes = webRandomBytes,
): IdTypes[Kind] {
  const { prefix, bytes } = randomIdShapes[kind];
  return (prefix + base64url(randomBytes(bytes))) as IdTypes[Kind];
}

/**
 * A fresh id of a match: the second of `now` (Unix milliseconds), then 64 random bits. Matches that began together lie together in
 * every index of the log, so that the moves of the hour touch few pages of it, however large it is.
 */
export function newMatchId({
  now,
  randomBytes = webRandomBytes,
}: {
  readonly now: number;
  readonly randomBytes?: RandomBytes;
}): MatchId {
  const bytes = Uint8Array.from(randomBytes(12));
  new DataView(bytes.buffer).setUint32(0, Math.floor(now / 1_000));
  return `m_${base64url(bytes)}` as MatchId;
}

const inviteAlphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A fresh invite code: 8 of 30 characters, 39 bits, drawn without bias by rejection. */
export function newInviteCode(randomBytes: RandomBytes = webRandomBytes): InviteCode {
  const unbiased = 256 - (256 % inviteAlphabet.length);
  let code = '';
  while (code.length < 8) {
    for (const byte of randomBytes(12)) {
      if (byte < unbiased && code.length < 8) code += inviteAlphabet[byte % inviteAlphabet.length];
    }
  }
  return code as InviteCode;
}

/** Base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
