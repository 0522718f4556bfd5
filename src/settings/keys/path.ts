import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

/**
 * A file or folder. A relative one starts at the folder of the settings file that names it; given by environment or flag, at
 * the working folder. What the program gets is absolute.
 */
export function path(about: Partial<About<string>>): TUnsafe<string> {
  return keyOf({ type: 'string', minLength: 1, maxLength: 4096, pattern: '^[^\\u0000]*$' }, about, {
    kind: 'path',
    expected: 'the path of a file or folder',
  });
}
