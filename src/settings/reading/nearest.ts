/** Longer words are not compared. */
const longest = 64;

/**
 * The known word most like the one that was written, if any is like it: few letters added, left out, changed or swapped
 * (optimal string alignment distance), or another way to write the same (`admin_port`, `AdminPort`).
 */
export function nearest(
  written: string,
  known: Iterable<string>,
  mostChanges = Math.max(1, Math.floor(written.length / 3)),
): string | undefined {
  if (written.length > longest) return undefined;
  let best: string | undefined;
  let least = mostChanges + 1;
  for (const word of known) {
    const far = plain(word) === plain(written) ? 0 : distance(written, word, least);
    if (far < least) {
      best = word;
      least = far;
    }
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

/** At most `bound`: words that are farther apart are not told how far. */
function distance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + changed,
        isSwap ? (beforeLast[column - 2] ?? 0) + 1 : bound,
      );
    }
    beforeLast = last;
    last = next;
  }
  return Math.min(bound, last[b.length] ?? bound);
}
