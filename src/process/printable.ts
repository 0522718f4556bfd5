/**
 * Makes text that strangers chose (names, moves, header values) safe to show in a terminal: control characters,
 * escape sequences, line breaks and direction overrides become visible escapes such as `\u001b`, so that nobody can
 * forge a line, move the cursor or reorder what is read (CWE-117, CWE-150).
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escapeOf);
}

/** Like {@link printable}, but keeps the line breaks between the frames of a stack trace. */
export function printableStack(stack: string): string {
  return stack
    .split(/\n(?= {4}at )/)
    .map(printable)
    .join('\n');
}

/**
 * Escapes the same characters inside a finished line of JSON. The ones below U+0020 are escaped by JSON itself; the
 * others are legal in JSON, and a terminal or a log viewer may still act on them.
 */
export function printableJson(json: string): string {
  return json.replaceAll(LEFT_RAW_BY_JSON, escapeOf);
}

// C0, DEL and C1 controls, line and paragraph separator, and the characters that change direction (UAX 9).
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LEFT_RAW_BY_JSON = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
