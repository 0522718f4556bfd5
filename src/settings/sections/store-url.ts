import type { TUnsafe } from 'typebox';
import type { About } from '../keys/key.ts';
import { text } from '../keys/plain.ts';

/** A database; the URL of a database server may hold its password. */
export function storeUrl(about: Pick<About<string>, 'description' | 'derived' | 'flag'>): TUnsafe<string> {
  return text({
    ...about,
    expected: 'the URL of a database, such as sqlite:PATH',
    pattern: '^[a-z]+:[^\\s]+$',
    change: 'restart',
    secret: 'password',
  });
}
