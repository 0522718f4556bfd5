import type { KeySchema } from '../keys/key.ts';
import type { Layer } from './from-environment.ts';
import { fromText } from './from-text.ts';
import { isSection, type KnownKey } from './keys-of.ts';
import { atPath, type Located, layered, type Place, type Problem } from './located.ts';
import { unknownKey } from './unknown-key.ts';

/** One setting on the command line: a key and its text, and the flag that gave it (`--port`, `--set`). */
export interface GivenFlag {
  readonly key: string;
  readonly text: string;
  readonly flag: string;
}

/** What the command line says; of two flags for one key the later counts, except that lists given by a short flag grow. */
export function fromFlags(
  given: readonly GivenFlag[],
  { schema, keys }: { readonly schema: KeySchema; readonly keys: readonly KnownKey[] },
): Layer {
  const problems: Problem[] = [];
  let root: Located = { kind: 'map', at: { from: 'flag', name: 'command line' }, entries: new Map() };
  for (const { key, text, flag } of given) {
    const at: Place = { from: 'flag', name: flag };
    const path = key.split('.');
    const found = schemaAt(schema, path);
    if (found === undefined || isSection(found)) {
      problems.push({ at, key, message: unknownKey(key, { keys }) });
      continue;
    }
    if (revealsSecret(found, text)) {
      const message =
        `a secret on the command line can be read by everybody on this machine; put it in a file and give ${key}File, ` +
        'or set it in the settings file.';
      problems.push({ at, key, message });
      continue;
    }
    const reading = fromText(text, { schema: found, at });
    if (reading.ok) root = layered(root, atPath(path, grown(root, { path, flag, value: reading.value })));
    else problems.push(...reading.problems.map((problem) => ({ ...problem, key })));
  }
  return { root, problems };
}

/** The schema of a key, or of a place inside a named set (`routes.chess.port`). */
function schemaAt(schema: KeySchema, path: readonly string[]): KeySchema | undefined {
  let here: KeySchema | undefined = schema;
  for (const name of path) {
    const named: KeySchema | undefined = Object.values(here?.patternProperties ?? {})[0];
    here =
      here?.properties !== undefined && Object.hasOwn(here.properties, name) ? here.properties[name] : named;
    if (here === undefined) return undefined;
  }
  return here;
}

function revealsSecret(schema: KeySchema, text: string): boolean {
  switch (schema['x-castling']?.secret) {
    case 'whole':
      return true;
    case 'password':
      return (URL.parse(text)?.password ?? '') !== '';
    default:
      return false;
  }
}

/** `--origin A --origin B` is a list of two. */
function grown(
  root: Located,
  { path, flag, value }: { readonly path: readonly string[]; readonly flag: string; readonly value: Located },
): Located {
  if (flag === '--set' || value.kind !== 'list') return value;
  let before: Located | undefined = root;
  for (const name of path) before = before?.kind === 'map' ? before.entries.get(name)?.value : undefined;
  return before?.kind === 'list' ? { ...value, items: [...before.items, ...value.items] } : value;
}
