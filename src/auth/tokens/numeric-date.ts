import type { Json } from '../../protocol/json.ts';

/** The year 9999, beyond which no calendar agrees. */
const numericDateMost = 253_402_300_799;

/** Whole Unix seconds (RFC 7519 section 2); `undefined` for anything else that JSON can say. */
export function numericDate(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= numericDateMost
    ? value
    : undefined;
}
