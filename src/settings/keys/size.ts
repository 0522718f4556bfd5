import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

const unitBytes = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;
const pattern = '^\\d{1,9}(B|KiB|MiB|GiB)$';

/** A number of bytes: written as a whole number and a unit (`512B`, `64KiB`, `4MiB`, `1GiB`; IEC 80000-13), read as bytes. */
export function size(
  about: Partial<About<string>> & { readonly least: string; readonly most: string },
): TUnsafe<number> {
  const { least, most, ...rest } = about;
  return keyOf({ type: 'string', pattern }, rest, {
    kind: 'size',
    least: bound(least),
    most: bound(most),
    expected: `a size from ${least} to ${most}, with its unit (B, KiB, MiB or GiB)`,
  });
}

/** Bytes, or `undefined` for what is no size. */
export function readSize(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9})(B|KiB|MiB|GiB)$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return undefined;
  return Number(number) * unitBytes[unit as keyof typeof unitBytes];
}

/** In the largest unit that leaves a whole number. */
export function writeSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes > 0 && bytes % unitBytes[unit] === 0) return `${bytes / unitBytes[unit]}${unit}`;
  }
  return `${bytes}B`;
}

function bound(text: string): number {
  const bytes = readSize(text);
  if (bytes === undefined) throw new TypeError(`${text} is no size.`);
  return bytes;
}
