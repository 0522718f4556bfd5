/**
 * What a canonical name looks like (the skeleton of UTS 39 section 4, for the characters that names may have). Two names
 * with one skeleton cannot both be registered, so a name that is wholly Cyrillic, Greek, Armenian or Hebrew cannot pass for a
 * Latin one, nor `paypa1` for `paypal`.
 *
 * Different Chinese characters are taken as different, however small the stroke that parts them.
 */
export function skeletonOf(name: string): string {
  let skeleton = '';
  for (const character of name.normalize('NFD')) skeleton += prototypes.get(character) ?? character;
  return skeleton;
}

/** What is seen, and the characters that are seen so, in lower case and without accents, which NFD has split off. */
const families: readonly (readonly [seen: string, characters: string])[] = [
  // Latin, and letters of other scripts that look Latin
  ['a', '\u03b1\u0430'],
  ['ae', '\u00e6\u04d5'],
  ['c', '\u0441'],
  ['c\u0326', '\u04ab'],
  ['d', '\u0501'],
  ['e', '\u0435\u04bd\u04bf'],
  ['f', '\u0584\u1e9d'],
  ['g', '\u018d\u0581'],
  ['h', '\u04bb\u0570'],
  ['i', '\u0131\u03b9\u0456\u04cf'],
  ['j', '\u0458\u0237\u0575'],
  ['k', '\u0138\u03ba\u043a'],
  ['l', '1\u05d5\u05df\u0627'],
  ['n', '\u0578\u057c'],
  ['o', '0\u03bf\u03c3\u03c2\u043e\u0585\u05e1\u0647\u06be\u06c1\u06d5\u0629\u06c3\u0d20\u0e50\u101d\u10ff'],
  ['p', '\u03c1\u0440'],
  ['q', '\u051b\u0563\u0566'],
  ['r', '\u0433'],
  ['rn', 'm'],
  ['s', '\u01bd\u0455'],
  ['u', '\u03c5\u057d'],
  ['v', '\u03bd\u05d8'],
  ['w', '\u051d\u0561'],
  ['x', '\u0445'],
  ['y', '\u03b3\u0443\u04af\u10e7\u1eff'],
  ['ß', '\u03b2'],
  ['þ', '\u01bf'],
  ['ƀ', '\u048d'],
  ['ƅ', '\u044c'],
  ['ƞ', '\u03b7'],
  ['ǝ', '\u04d9'],
  ['ȝ', '\u04e1\u10f3'],
  ['ħ', '\u045b'],
  ['ɍ', '\u0493'],
  ['ɏ', '\u04b1'],
  ['ẟ', '\u03b4\u056e'],
  // Greek and Cyrillic
  ['є', '\u03b5\u0511'],
  ['п', '\u03c0'],
  ['т', '\u03c4'],
  ['ф', '\u03c6'],
  ['ҷ', '\u04cc'],
  ['ӊ', '\u04c8'],
  // Arabic letters that share a shape
  ['ى', '\u064a\u066e\u06ba\u06cc\u06d2'],
  ['ك', '\u06a9\u06aa'],
  ['ف', '\u06a7'],
  ['ث', '\u063f\u067e\u06bd\u06d1'],
  ['ٯ', '\u06a1'],
  ['ٹ', '\u06bb'],
  ['ٻ', '\u06d0'],
  ['ڤ', '\u06a8'],
  // neighbouring scripts of India and South-East Asia
  ['ऽ', '\u0abd'],
  ['உ', '\u0d09'],
  ['ஜ', '\u0b90\u0d1c'],
  ['ண', '\u0d23'],
  ['ழ', '\u0d34'],
  ['ஶ', '\u0d36'],
  ['ஈ', '\u0bb0'],
  ['ര', '\u0d31'],
  ['అ', '\u0c85'],
  ['ఆ', '\u0c86'],
  ['ఇ', '\u0c87'],
  ['ఒ', '\u0c92'],
  ['ఓ', '\u0c93'],
  ['ఔ', '\u0c94'],
  ['జ', '\u0c9c'],
  ['ఞ', '\u0c9e'],
  ['ణ', '\u0ca3'],
  ['య', '\u0caf'],
  ['ఱ', '\u0cb1'],
  ['ల', '\u0cb2'],
  ['ข', '\u0e03'],
  ['ค', '\u0e14\u0e15'],
  ['ฆ', '\u0e21'],
  ['จ', '\u0e88'],
  ['ช', '\u0e0b'],
  ['ฎ', '\u0e0f'],
  ['ฑ', '\u0e17'],
  ['บ', '\u0e9a'],
  ['ป', '\u0e9b'],
  ['ฝ', '\u0e9d'],
  ['พ', '\u0e9e'],
  ['ฟ', '\u0e9f'],
  ['ภ', '\u0e26'],
  ['ย', '\u0e8d'],
  ['ར', '\u0f6a'],
  ['អ', '\u17a3'],
  // kana, and Chinese characters that look like it
  ['へ', '\u30d8'],
  ['イ', '\u4ebb'],
  ['エ', '\u5de5'],
  ['カ', '\u529b'],
  ['タ', '\u5915'],
  ['ト', '\u535c'],
  ['ニ', '\u4e8c'],
  ['ノ', '\u4e3f'],
  ['ハ', '\u516b'],
  ['ロ', '\u53e3\u56d7'],
  ['ー', '\u4e00'],
  // accents: breve and caron, circumflex and inverted breve, comma and cedilla below
  ['\u0306', '\u030c'],
  ['\u0302', '\u0311'],
  ['\u0326', '\u0327'],
];

const prototypes: ReadonlyMap<string, string> = new Map(
  families.flatMap(([seen, characters]) => [...characters].map((character) => [character, seen] as const)),
);
