import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Range,
} from 'yaml';
import { type Located, mostProblems, type Place, type Problem } from './located.ts';

/** Bytes of a settings file. */
export const mostBytes = 256 * 1024;
/** Levels of sections and lists. */
const mostDepth = 16;

export type Reading =
  | { readonly ok: true; readonly root: Located }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Gives the place of an offset into the text. */
type Locate = (offset: number) => Place;

/**
 * Reads YAML 1.2 (core schema) of at most {@link mostBytes}, as plain settings need it and no more: one document, keys that
 * are names and stand once, no anchors, aliases, merge keys or tags. What is left cannot grow beyond the text, so that no
 * alias bomb is possible; depth is bounded, and the library turns a stack that overflows into an error of its own.
 * Total: every text gives a tree or problems.
 */
export function readYaml(text: string, { file }: { readonly file: string }): Reading {
  const lines = new LineCounter();
  const locate: Locate = (offset) => {
    const { line, col } = lines.linePos(offset);
    // The counter gives line 0 before the first line is known.
    return { from: 'file', file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  return readYamlAt(text, locate, lines);
}

/** Reads YAML that stands in an environment variable or a flag; every problem is at that place. */
export function readYamlFragment(text: string, at: Place): Reading {
  return readYamlAt(text, () => at, new LineCounter());
}

function readYamlAt(text: string, locate: Locate, lineCounter: LineCounter): Reading {
  if (Buffer.byteLength(text) > mostBytes) {
    return refused(locate(0), `this is longer than the ${mostBytes / 1024} KiB that settings may have.`);
  }
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Seen below, in linear time, with both places.
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    // At `silent` the library would not tell of a second document. It prints nothing by itself.
    logLevel: 'error',
    lineCounter,
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.slice(0, mostProblems).map(({ message, pos }) => ({
      at: locate(pos[0]),
      key: '',
      message: `this is not YAML: ${firstLine(message)}`,
    }));
    return { ok: false, problems };
  }
  const walk = new Walk(locate);
  const root = walk.node(document.contents, '', 0);
  return walk.problems.length > 0 ? { ok: false, problems: walk.problems } : { ok: true, root };
}

class Walk {
  readonly problems: Problem[] = [];
  readonly #locate: Locate;

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  node(node: ParsedNode | null, key: string, depth: number): Located {
    const at = this.#locate(startOf(node));
    const nothing: Located = { kind: 'scalar', at, value: null };
    if (node === null) return nothing;
    if (depth > mostDepth)
      return this.#problem(at, key, `nothing is nested deeper than ${mostDepth} levels.`);
    if (isAlias(node) || node.anchor !== undefined) {
      return this.#problem(at, key, 'anchors (&) and aliases (*) are not taken; write the value out.');
    }
    if (node.tag !== undefined && !isImplicitTag(node)) {
      return this.#problem(at, key, 'tags (!) are not taken; write the plain value.');
    }
    if (isMap(node))
      return this.#map(node.items as Pair<ParsedNode, ParsedNode | null>[], { at, key, depth });
    if (isSeq(node)) {
      const items = node.items.map((each, index) =>
        this.node(each as ParsedNode | null, `${key}[${index}]`, depth + 1),
      );
      return { kind: 'list', at, items };
    }
    if (!isScalar(node)) return nothing;
    const { value } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', at, value };
    }
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'scalar', at, value };
    return this.#problem(at, key, 'this is no text, number, true or false.');
  }

  #map(
    pairs: readonly Pair<ParsedNode, ParsedNode | null>[],
    { at, key, depth }: { readonly at: Place; readonly key: string; readonly depth: number },
  ): Located {
    const entries = new Map<string, { at: Place; value: Located }>();
    for (const { key: name, value } of pairs) {
      const nameAt = this.#locate(startOf(name));
      if (!isScalar(name) || typeof name.value !== 'string') {
        this.#problem(nameAt, key, 'a key is a plain name.');
        continue;
      }
      const path = key === '' ? name.value : `${key}.${name.value}`;
      if (name.anchor !== undefined || (name.tag !== undefined && !isImplicitTag(name))) {
        this.#problem(nameAt, path, 'a key is a plain name.');
        continue;
      }
      const before = entries.get(name.value);
      if (before !== undefined) {
        const where = before.at.from === 'file' ? ` (first in line ${before.at.line})` : '';
        this.#problem(nameAt, path, `this key stands twice${where}; leave one.`);
        continue;
      }
      // A key without a value: its place is the key's.
      const read = value === null ? nothingAt(nameAt) : this.node(value, path, depth + 1);
      entries.set(name.value, { at: nameAt, value: read });
    }
    return { kind: 'map', at, entries };
  }

  #problem(at: Place, key: string, message: string): Located {
    if (this.problems.length < mostProblems) this.problems.push({ at, key, message });
    return nothingAt(at);
  }
}

function nothingAt(at: Place): Located {
  return { kind: 'scalar', at, value: null };
}

function startOf(node: Node | null): number {
  return (node?.range as Range | null | undefined)?.[0] ?? 0;
}

/** The library gives a tag only to nodes that were written with one. */
function isImplicitTag(node: ParsedNode): boolean {
  return node.tag === '';
}

function refused(at: Place, message: string): Reading {
  return { ok: false, problems: [{ at, key: '', message }] };
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
