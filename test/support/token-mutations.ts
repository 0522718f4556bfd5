/** Changed tokens, made from good ones: flipped bits, cut and spliced parts, other headers and claims, other spellings. */
import fc from 'fast-check';

type Mutation = (tokens: readonly string[]) => string;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const part = fc.nat({ max: 2 });
const position = fc.nat({ max: 4_096 });

const parts = (token: string): string[] => token.split('.');
const pick = (tokens: readonly string[], at: number): string => tokens[at % tokens.length] ?? '';
const json = (text: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
const encode = (bytes: string | Uint8Array): string => Buffer.from(bytes as string).toString('base64url');

function withPart(token: string, index: number, change: (text: string) => string): string {
  return parts(token)
    .map((text, at) => (at === index ? change(text) : text))
    .join('.');
}

const flipBit = fc.tuple(position, part, position, fc.nat({ max: 7 })).map(
  ([which, index, at, bit]): Mutation =>
    (tokens) =>
      withPart(pick(tokens, which), index, (text) => {
        const bytes = Buffer.from(text, 'base64url');
        const byte = at % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(byte) ^ (1 << bit), byte);
        return encode(bytes);
      }),
);
const otherCharacter = fc
  .tuple(position, position, fc.constantFrom(...alphabet, '=', '+', '/', '.', ' ', '\n', '\0', 'é', '"', '{'))
  .map(
    ([which, at, character]): Mutation =>
      (tokens) => {
        const token = pick(tokens, which);
        const place = at % token.length;
        return token.slice(0, place) + character + token.slice(place + 1);
      },
  );
const cut = fc.tuple(position, position, position).map(
  ([which, from, length]): Mutation =>
    (tokens) => {
      const token = pick(tokens, which);
      const start = from % token.length;
      return token.slice(0, start) + token.slice(start + 1 + (length % 12));
    },
);
const insert = fc
  .tuple(
    position,
    position,
    fc.string({ unit: fc.constantFrom(...alphabet, '.', '='), minLength: 1, maxLength: 6 }),
  )
  .map(
    ([which, at, text]): Mutation =>
      (tokens) => {
        const token = pick(tokens, which);
        const place = at % (token.length + 1);
        return token.slice(0, place) + text + token.slice(place);
      },
  );
/** Each part from a token of its own. */
const splice = fc.tuple(position, position, position).map(
  (which): Mutation =>
    (tokens) =>
      which.map((at, index) => parts(pick(tokens, at))[index]).join('.'),
);
const anyJson = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    '',
    'none',
    'HS256',
    'ES256',
    'EdDSA',
    'RS256',
    'at+jwt',
    'JWT',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const names = fc.constantFrom(
  ...['alg', 'typ', 'kid', 'jwk', 'jku', 'x5c', 'x5u', 'crit', 'b64', 'zip', 'enc', 'cty'],
  ...['iss', 'aud', 'sub', 'sid', 'jti', 'iat', 'exp', 'nbf', 'cnf', 'htm', 'htu', 'ath', 'nonce', 'events'],
);
/** One member of the header or of the claims, with the signature of before. */
const otherMember = fc.tuple(position, fc.nat({ max: 1 }), names, fc.option(anyJson)).map(
  ([which, index, name, value]): Mutation =>
    (tokens) =>
      withPart(pick(tokens, which), index, (text) => {
        const { [name]: before, ...rest } = json(text);
        // Taking nothing away, or putting the same in, would be no change.
        if (value === null && before === undefined) return `${text}x`;
        return encode(JSON.stringify(value === null ? rest : { ...rest, [name]: value }));
      }),
);
/** The same JSON in other bytes. */
const otherSpelling = fc
  .tuple(
    position,
    fc.nat({ max: 1 }),
    fc.constantFrom<(text: string) => string>(
      (text) => ` ${text}`,
      (text) => `${text}\n`,
      (text) => JSON.stringify(JSON.parse(text), null, 1),
      (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
      (text) => `\ufeff${text}`,
      (text) => text.replace('{', '{"sub":"p_AAAAAAAAAAAAAAAAAAAAAA",'),
      (text) => text.replace('"alg"', '"\\u0061lg"'),
    ),
  )
  .map(
    ([which, index, spell]): Mutation =>
      (tokens) =>
        withPart(pick(tokens, which), index, (text) =>
          encode(spell(Buffer.from(text, 'base64url').toString())),
        ),
  );
const otherForm = fc
  .tuple(
    position,
    fc.constantFrom<Mutation>(
      ([token = '']) => `${token}.`,
      ([token = '']) => `.${token}`,
      ([token = '']) => token.replace('.', '..'),
      ([token = '']) => token.split('.').slice(0, 2).join('.'),
      ([token = '']) => `${token.split('.').slice(0, 2).join('.')}.`,
      ([token = '']) => token.split('.').toReversed().join('.'),
      ([token = '']) => `Bearer ${token}`,
      ([token = '']) => token.toLowerCase(),
      ([token = '']) => `${token}${token}`,
      ([token = '']) =>
        JSON.stringify({ payload: parts(token)[1], protected: parts(token)[0], signature: parts(token)[2] }),
      ([token = '']) => token.repeat(12),
    ),
  )
  .map(
    ([which, change]): Mutation =>
      (tokens) =>
        change([pick(tokens, which)]),
  );

const one = fc.oneof(
  { weight: 4, arbitrary: flipBit },
  otherCharacter,
  cut,
  insert,
  splice,
  { weight: 2, arbitrary: otherMember },
  otherSpelling,
  otherForm,
);

/** One change, or one more on top of it where that is still a token. */
const mutation: fc.Arbitrary<Mutation> = fc
  .tuple(one, fc.option(one, { freq: 3 }))
  .map(([first, second]) => (tokens) => {
    const changed = first(tokens);
    if (second === null) return changed;
    try {
      return second([changed]);
    } catch {
      return changed;
    }
  });

/**
 * Tries so many changed tokens, and gives those that were accepted although nobody made them. A change that changes nothing, or
 * gives another of the good ones, is none.
 */
export async function acceptedOf({
  tokens,
  verify,
  runs,
  seed,
}: {
  readonly tokens: readonly string[];
  readonly verify: (token: string) => Promise<unknown>;
  readonly runs: number;
  readonly seed: number;
}): Promise<{ readonly accepted: string[]; readonly tried: number; readonly crashes: unknown[] }> {
  const good = new Set(tokens);
  const accepted: string[] = [];
  const crashes: unknown[] = [];
  let tried = 0;
  for (const change of fc.sample(mutation, { numRuns: runs, seed })) {
    const token = change(tokens);
    if (good.has(token)) continue;
    tried += 1;
    try {
      await verify(token);
      accepted.push(token);
    } catch (error) {
      // A refusal has a code of ours; anything else is the verifier falling over.
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!/^(token_|invalid_dpop_proof|use_dpop_nonce)/.test(code)) crashes.push(error);
    }
  }
  return { accepted, tried, crashes };
}
