import { createHash } from 'node:crypto';
import type { Settings } from './schema.ts';
import { settingsKeys } from './settings-keys.ts';
import { writtenValue } from './written-value.ts';

/**
 * A short name of these settings: equal for equal ones on any machine, so that processes can be compared. Secrets do not
 * count, since a short digest of little else would help to guess them.
 */
export function digestOf(settings: Settings): string {
  const lines = settingsKeys.map((key) => `${key.key}=${JSON.stringify(writtenValue(settings, key))}`);
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
}
