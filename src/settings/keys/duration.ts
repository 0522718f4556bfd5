import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const pattern = '^\\d{1,9}(ms|s|m|h|d)$';

/**
 * A length of time: written as a whole number and a unit (`250ms`, `10s`, `5m`, `12h`, `30d`), read as milliseconds. A number
 * without a unit is refused, since nobody can tell what was meant.
 */
export function duration(
  about: Partial<About<string>> & { readonly least: string; readonly most: string },
): TUnsafe<number> {
  const { least, most, ...rest } = about;
  return keyOf({ type: 'string', pattern }, rest, {
    kind: 'duration',
    least: bound(least),
    most: bound(most),
    expected: `a length of time from ${least} to ${most}, with its unit (ms, s, m, h or d)`,
  });
}

/** Milliseconds, or `undefined` for what is no length of time. */
export function readDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  return Number(number) * unitMs[unit as keyof typeof unitMs];
}

/** In the largest unit that leaves a whole number. */
export function writeDuration(ms: number): string {
  if (ms === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return `${ms}ms`;
}

function bound(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new TypeError(`${text} is no length of time.`);
  return ms;
}
