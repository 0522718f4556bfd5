import type { Words } from '../words/words.ts';

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago a moment was (Unix milliseconds), in the reader's language: "5 minutes ago", "now". */
export function timeAgo(at: number, words: Words, now = Date.now()): string {
  const format = new Intl.RelativeTimeFormat(words.language, { numeric: 'auto' });
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  for (const [unit, length] of units) {
    if (seconds >= length) return format.format(-Math.floor(seconds / length), unit);
  }
  return format.format(0, 'second');
}

/** How long until something may be tried, never too short: "in 40 seconds", "in 5 minutes". */
export function timeAhead(seconds: number, words: Words): string {
  const format = new Intl.RelativeTimeFormat(words.language);
  const [unit, length] = units.find(([, each]) => seconds >= 2 * each) ?? (['second', 1] as const);
  return format.format(Math.ceil(seconds / length), unit);
}

/** A span of time as minutes and seconds, for people who wait. */
export function minutesAndSeconds(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
