import type { KnownKey } from './keys-of.ts';
import { nearest } from './nearest.ts';

/**
 * The sentence about a key that does not exist. It names the nearest one: a brother that is spelt alike, else the same
 * name elsewhere (`port` → `proxy.port`), else one whose whole path is alike.
 */
export function unknownKey(
  key: string,
  { keys, brothers }: { readonly keys: readonly KnownKey[]; readonly brothers?: readonly string[] },
): string {
  const name = key.slice(key.lastIndexOf('.') + 1);
  const within = key.slice(0, Math.max(0, key.length - name.length));
  const brother = nearest(name, brothers ?? namesWithin(within, keys));
  if (brother !== undefined) return hint([within + brother]);
  const names = new Set(keys.flatMap(({ path }) => path.at(-1) ?? []));
  const meant = names.has(name) ? name : nearest(name, names);
  const namesakes = keys.filter(({ path }) => path.at(-1) === meant).map((known) => known.key);
  if (namesakes.length > 0 && namesakes.length <= 3) return hint(namesakes);
  const alike = nearest(key, [...keys.map((known) => known.key), ...sectionsOf(keys)]);
  if (alike !== undefined) return hint([alike]);
  return 'there is no such key; `castling config explain` lists them all.';
}

/** What stands directly under `proxy.`, or at the top for the empty text. */
function namesWithin(within: string, keys: readonly KnownKey[]): Set<string> {
  const inside = keys.filter(({ key }) => key.startsWith(within));
  return new Set(inside.flatMap(({ key }) => key.slice(within.length).split('.')[0] ?? []));
}

function sectionsOf(keys: readonly KnownKey[]): Set<string> {
  return new Set(
    keys.flatMap(({ path }) => path.slice(0, -1).map((_, at) => path.slice(0, at + 1).join('.'))),
  );
}

function hint(keys: readonly string[]): string {
  return `there is no such key; did you mean ${keys.join(' or ')}?`;
}
