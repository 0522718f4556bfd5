/**
 * The Bidi Rule (RFC 5893 section 2), for text of the IdentifierClass: right-to-left text begins with a letter of its own
 * direction, holds no left-to-right letter, and ends with a letter or digit; other text holds no right-to-left letter.
 * Otherwise what is read on a screen is not what is stored.
 */
export function keepsBidiRule(text: string): boolean {
  if (!rightToLeft.test(text)) return true;
  return startsRightToLeft.test(text) && !hasLeftToRight.test(text) && endsFirmly.test(text);
}

/** Classes R and AL; JavaScript knows scripts, not directions. */
const scripts = [
  'Hebrew',
  'Arabic',
  'Syriac',
  'Thaana',
  'Nko',
  'Samaritan',
  'Mandaic',
  'Adlam',
  'Hanifi_Rohingya',
  'Garay',
].flatMap((script) => (isKnown(script) ? [`\\p{Script=${script}}`] : []));
const letter = `(?=\\p{L})[${scripts.join('')}]`;

const rightToLeft = new RegExp(letter, 'u');
const startsRightToLeft = new RegExp(`^${letter}`, 'u');
const hasLeftToRight = new RegExp(`(?=\\p{L})[^${scripts.join('')}]`, 'u');
const endsFirmly = /[\p{L}\p{Nd}]\p{Mn}*$/u;

/** The newest script is unknown to engines with an older Unicode. */
function isKnown(script: string): boolean {
  try {
    return new RegExp(`\\p{Script=${script}}`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
