import type { AccountRow } from './schema.ts';

/** Whether an account is shut at this time (Unix milliseconds). A ban whose end has come needs nobody to lift it. */
export function isBanned(
  { disabled_at, disabled_until }: Pick<AccountRow, 'disabled_at' | 'disabled_until'>,
  now: number,
): boolean {
  return disabled_at !== null && (disabled_until === null || Number(disabled_until) > now);
}
