/**
 * Whether all letters of a name belong to one writing system (UTS 39 section 5.1: single script, with Japanese, Korean and
 * Chinese as they are written), and to one in everyday use (UAX 31 table 5). Expects lower case in NFC.
 */
export function isOneWritingSystem(name: string): boolean {
  return writingSystems.some((system) => system.test(name));
}

const digitsAndSeparators = '0-9._\\-';

/** Scripts whose words need marks that do not compose with their letters. */
const withMarks = [
  'Bengali',
  'Devanagari',
  'Ethiopic',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
];
/** Scripts whose accented letters exist as one character; a mark left over only makes two names look alike. */
const withoutMarks = [
  ['Armenian'],
  ['Georgian'],
  ['Hiragana', 'Katakana', 'Han'],
  ['Bopomofo', 'Han'],
  ['Hangul', 'Han'],
];

/** By block, since the rarer blocks of these scripts (phonetic, ancient, extended) are mostly look-alikes. */
const latin = 'a-z\\u00df-\\u00f6\\u00f8-\\u01bf\\u01c4-\\u024f\\u1e00-\\u1eff';
const greek = '\\u0386-\\u03ce';
const cyrillic = '\\u0430-\\u045f\\u048a-\\u052f';

const arabic = '\\u0620-\\u065f\\u066e-\\u06d3\\u06d5';

const writingSystems: readonly RegExp[] = [
  ...[latin, greek, cyrillic].map((letters) => whole(letters, { marks: false })),
  whole(arabic, { marks: true }),
  ...withoutMarks.map((scripts) => whole(scripts.map(scriptClass).join(''), { marks: false })),
  ...withMarks.map((script) => whole(scriptClass(script), { marks: true })),
];

function scriptClass(script: string): string {
  return `\\p{Script_Extensions=${script}}`;
}

function whole(letters: string, { marks }: { readonly marks: boolean }): RegExp {
  return new RegExp(`^(?:${marks ? '' : '(?!\\p{M})'}[${letters}${digitsAndSeparators}])+$`, 'u');
}
