import { AuthError } from '../auth-error.ts';
import { skeletonOf } from './confusables.ts';
import { isReservedName } from './reserved-names.ts';
import { mapUsername } from './username-profile.ts';
import { isOneWritingSystem } from './writing-systems.ts';

/** Code points of a name after mapping. */
const nameLengthLeast = 2;
export const nameLengthMost = 32;

export interface PlayerName {
  /** Canonical, and what others are shown. */
  readonly name: string;
  /** What it looks like; two names with one skeleton are one name to the eye. */
  readonly skeleton: string;
}

export type NameReading =
  | ({ readonly ok: true } & PlayerName)
  | { readonly ok: false; readonly rule: NameRule };

const nameRules = {
  'name.characters': 'A name is made of letters and digits, with single - _ . between them.',
  'name.length': `A name has ${nameLengthLeast} to ${nameLengthMost} characters.`,
  'name.scripts': 'The letters of a name are those of one writing system in everyday use.',
} as const;
type NameRule = keyof typeof nameRules;

/**
 * Reads a name as typed: the profile UsernameCaseMapped of RFC 8265 section 3.3, then what Castling narrows it to, which is
 * letters and digits with single `-`, `_`, `.` between them, 2 to 32 of them, from one writing system (UTS 39 section 5.2).
 * Reading a canonical name gives it back unchanged.
 */
export function readPlayerName(typed: string): NameReading {
  // Mapping makes at most a few characters of one; beyond this the result is too long in any case.
  if (typed.length > 4 * nameLengthMost) return { ok: false, rule: 'name.length' };
  const name = mapUsername(typed);
  if (name === undefined || !shape.test(name)) return { ok: false, rule: 'name.characters' };
  const length = [...name].length;
  if (length < nameLengthLeast || length > nameLengthMost) return { ok: false, rule: 'name.length' };
  if (!isOneWritingSystem(name)) return { ok: false, rule: 'name.scripts' };
  return { ok: true, name, skeleton: skeletonOf(name) };
}

/** The same for a name that is to be registered. @throws AuthError `name_refused` with the rule */
export function preparePlayerName(typed: string): PlayerName {
  const reading = readPlayerName(typed);
  if (!reading.ok)
    throw new AuthError('name_refused', { rule: reading.rule, detail: nameRules[reading.rule] });
  if (isReservedName(reading.name)) {
    throw new AuthError('name_refused', {
      rule: 'name.reserved',
      detail: 'This name is kept back, since others could take its owner for the service; choose another.',
    });
  }
  return reading;
}

/**
 * Digits are the ten of ASCII: the others are confusable with them and with each other. Modifier letters (U+02B0 to U+02FF)
 * look like punctuation. Four marks are more than any orthography puts on one letter.
 */
const shape = /^(?!.*[\u02b0-\u02ff])[\p{L}0-9]\p{M}{0,4}(?:[-_.]?[\p{L}0-9]\p{M}{0,4})*$/u;
