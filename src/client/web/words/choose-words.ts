import { de } from './de.ts';
import { en } from './en.ts';
import type { Words } from './words.ts';

const languages: readonly Words[] = [en, de];

/**
 * The catalogue that fits best what the browser asks for, most wanted first (`navigator.languages`, BCP 47). A region that
 * is not here gets its language; English when nothing fits.
 */
export function chooseWords(wanted: readonly string[]): Words {
  for (const tag of wanted) {
    const [language] = tag.toLowerCase().split('-');
    const found = languages.find((each) => each.language === language);
    if (found) return found;
  }
  return en;
}
