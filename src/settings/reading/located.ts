import type { Scalar } from '../keys/kinds.ts';

/** Where a value comes from. Line and column count from 1. */
export type Place =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'flag'; readonly name: string };

/** A value as somebody wrote it, not yet compared with the schema. */
export type Located =
  | { readonly kind: 'scalar'; readonly at: Place; readonly value: Scalar }
  | { readonly kind: 'list'; readonly at: Place; readonly items: readonly Located[] }
  | LocatedMap;

export interface LocatedMap {
  readonly kind: 'map';
  readonly at: Place;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

interface LocatedEntry {
  /** Where the key stands. */
  readonly at: Place;
  readonly value: Located;
}

/** One mistake: where, in which key, and a sentence that says what to do. */
export interface Problem {
  readonly at: Place;
  /** Dotted, such as `proxy.port`; empty for the whole. */
  readonly key: string;
  readonly message: string;
}

/** Beyond this many mistakes the rest is counted only. */
export const mostProblems = 20;

/** `castling.yaml:4:9`, `CASTLING_PROXY_PORT`, `--port`. */
export function placeText(place: Place): string {
  switch (place.from) {
    case 'file':
      return `${place.file}:${place.line}:${place.column}`;
    case 'default':
      return 'default';
    default:
      return place.name;
  }
}

export function problemText({ at, key, message }: Problem): string {
  return key === '' ? `${placeText(at)}: ${message}` : `${placeText(at)}: ${key}: ${message}`;
}

/** The lower layer with what the higher one says put over it: maps key by key, everything else whole. */
export function layered(lower: Located, higher: Located): Located {
  if (lower.kind !== 'map' || higher.kind !== 'map') return higher;
  const entries = new Map(lower.entries);
  for (const [key, entry] of higher.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? entry : { ...entry, value: layered(below.value, entry.value) });
  }
  return { kind: 'map', at: higher.at, entries };
}

/** A map that holds one value under a dotted path. */
export function atPath(path: readonly string[], value: Located): Located {
  return path.reduceRight<Located>(
    (inner, key) => ({
      kind: 'map',
      at: value.at,
      entries: new Map([[key, { at: value.at, value: inner }]]),
    }),
    value,
  );
}
