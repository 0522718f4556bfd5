import { fromText } from './from-text.ts';
import type { KnownKey } from './keys-of.ts';
import { atPath, type Located, layered, type Problem } from './located.ts';
import { nearest } from './nearest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Layer {
  readonly root: Located;
  readonly problems: readonly Problem[];
}

/** Variables with our prefix that are no settings. */
const others = new Set(['CASTLING_SETTINGS', 'CASTLING_HOME', 'CASTLING_URL', 'CASTLING_DEBUG']);

/** What the environment says. An empty variable counts as not set. */
export function fromEnvironment(env: Environment, keys: readonly KnownKey[]): Layer {
  const root: Located = { kind: 'map', at: { from: 'environment', name: 'environment' }, entries: new Map() };
  const problems: Problem[] = [...misspelt(env, keys)];
  let all: Located = root;
  for (const { path, key, schema, variable } of keys) {
    const text = env[variable];
    if (text === undefined || text === '') continue;
    const reading = fromText(text, { schema, at: { from: 'environment', name: variable } });
    if (reading.ok) all = layered(all, atPath(path, reading.value));
    else problems.push(...reading.problems.map((problem) => ({ ...problem, key })));
  }
  return { root: all, problems };
}

/**
 * A variable of ours that is no key is refused when it begins like a section's keys or is nearly a key's name; others may belong
 * to a program around us.
 */
function misspelt(env: Environment, keys: readonly KnownKey[]): Problem[] {
  const known = new Set(keys.map(({ variable }) => variable));
  const sections = new Set(keys.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ''));
  const prefixes = [...sections].map((name) => `CASTLING_${name.toUpperCase()}_`);
  return Object.keys(env)
    .filter((name) => name.startsWith('CASTLING_') && !known.has(name) && !others.has(name))
    .flatMap((name) => {
      const like = nearest(name, known, 2);
      const looksLikeOurs = prefixes.some((prefix) => name.startsWith(prefix));
      if (!looksLikeOurs && (like === undefined || env[name] === '')) return [];
      const hint = like === undefined ? '`castling config explain` lists all keys.' : `did you mean ${like}?`;
      const message = `there is no such setting; ${hint}`;
      return [{ at: { from: 'environment' as const, name }, key: '', message }];
    });
}
