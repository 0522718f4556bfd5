import { keepsBidiRule } from './bidi-rule.ts';

/**
 * The PRECIS profile UsernameCaseMapped (RFC 8265 section 3.3): width mapping, IdentifierClass (RFC 8264 section 4.2), lower case,
 * NFC, Bidi Rule. Gives `undefined` for text outside the profile.
 *
 * Characters that need their neighbours looked at (CONTEXTJ, CONTEXTO) are outside, which RFC 8264 section 5.2 leaves to the
 * profile's user: a name loses little by it.
 */
export function mapUsername(typed: string): string | undefined {
  if (!typed.isWellFormed()) return undefined;
  const narrow = typed.replace(wideOrHalf, (character) => character.normalize('NFKC'));
  if (narrow === '' || ![...narrow].every(isIdentifierCharacter)) return undefined;
  const mapped = narrow.toLowerCase().normalize('NFC');
  // Lower case and composition can make a character that the class refuses.
  if (![...mapped].every(isIdentifierCharacter)) return undefined;
  return keepsBidiRule(mapped) ? mapped : undefined;
}

/** Halfwidth and Fullwidth Forms: all that have a `<wide>` or `<narrow>` decomposition, but the ideographic space. */
const wideOrHalf = /[\uff01-\uffef]/gu;

/** RFC 8264 section 8, in its order: exceptions, unassigned, ASCII, joiners, old jamo, ignorable, controls, compat, letters. */
function isIdentifierCharacter(character: string): boolean {
  if (valid.has(character)) return true;
  if (neverValid.test(character)) return false;
  if (/^[\x21-\x7e]$/.test(character)) return true;
  if (outside.test(character)) return false;
  if (character.normalize('NFKC') !== character) return false;
  return letterOrDigit.test(character);
}

/** RFC 8264 section 9.6, the exceptions that are valid. */
const valid: ReadonlySet<string> = new Set(['\u00df', '\u03c2', '\u06fd', '\u06fe', '\u0f0b', '\u3007']);
/** The exceptions that are not, or that depend on context. */
const neverValid =
  /[\u00b7\u0375\u05f3\u05f4\u0640\u0660-\u0669\u06f0-\u06f9\u07fa\u302e\u302f\u3031-\u3035\u303b\u30fb]/u;
const outside =
  /[\p{Cn}\p{Cc}\p{Join_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;
const letterOrDigit = /[\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]/u;
