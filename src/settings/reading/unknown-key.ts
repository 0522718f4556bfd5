import type { KnownKey } from './keys-of.ts';
import { nearest } from './nearest.ts';

/**
 * The sentence about a key that does not exist. It names the nearest one: a brother that is spelt alike, else the same
 * name elsewhere (`port` → `proxy.port`), else one whose whole path is alike.
 */
export function unknownKey(
  key: string,
  {
    keys,
    within,
    brothers,
  }: { readonly keys: readonly KnownKey[]; readonly within: string; readonly brothers?: readonly string[] },
): string {
  const name = key.slice(key.lastIndexOf('.') + 1);
  const brother = brothers === undefined ? undefined : nearest(name, brothers);
  if (brother !== undefined) return hint([within === '' ? brother : `${within}.${brother}`]);
  const namesakes = keys.filter(({ path }) => path.at(-1) === name).map((known) => known.key);
  if (namesakes.length > 0 && namesakes.length <= 3) return hint(namesakes);
  const alike = nearest(
    key,
    keys.map((known) => known.key),
  );
  if (alike !== undefined) return hint([alike]);
  return 'there is no such key; `castling config explain` lists them all.';
}

function hint(keys: readonly string[]): string {
  return `there is no such key; did you mean ${keys.join(' or ')}?`;
}
