import { dirname } from 'node:path';
import Value from 'typebox/value';
import type { KeyNotes, KeySchema } from '../keys/key.ts';
import { meantBy, readKind, type Scalar } from '../keys/kinds.ts';
import { isSection, type KnownKey } from './keys-of.ts';
import type { Located, LocatedMap, Place, Problem } from './located.ts';
import { unknownKey } from './unknown-key.ts';

export interface Resolved {
  readonly value: Record<string, unknown>;
  /** Of each key (not of what is inside lists and sets): where its value comes from. */
  readonly origins: ReadonlyMap<string, Place>;
  readonly problems: readonly Problem[];
  /** Secrets that stand in files, still to be read. */
  readonly secretFiles: readonly SecretFile[];
}

export interface SecretFile {
  /** The key that the content is for. */
  readonly path: readonly string[];
  readonly file: string;
  readonly at: Place;
}

export interface ResolveOptions {
  readonly schema: KeySchema;
  readonly keys: readonly KnownKey[];
  /** Where relative paths of the environment and of flags start: absolute. */
  readonly cwd: string;
}

/** Compares what was written with the schema, fills defaults in, and tells all that is wrong. Total. */
export function resolve(root: Located, options: ResolveOptions): Resolved {
  const run = new Resolution(options);
  const value = run.object(root, options.schema, []);
  return { value, origins: run.origins, problems: run.problems, secretFiles: run.secretFiles };
}

class Resolution {
  readonly origins = new Map<string, Place>();
  readonly problems: Problem[] = [];
  readonly secretFiles: SecretFile[] = [];
  readonly #options: ResolveOptions;

  constructor(options: ResolveOptions) {
    this.#options = options;
  }

  /** A section, or an item with keys of its own. */
  object(node: Located, schema: KeySchema, path: readonly string[]): Record<string, unknown> {
    const map = this.#map(node, schema, path);
    const properties = schema.properties ?? {};
    const result: Record<string, unknown> = {};
    for (const [name, entry] of map.entries) {
      if (Object.hasOwn(properties, name)) continue;
      const key = [...path, name].join('.');
      const brothers = Object.keys(properties);
      this.#problem(entry.at, [...path, name], unknownKey(key, { keys: this.#options.keys, brothers }));
    }
    for (const [name, child] of Object.entries(properties)) {
      const childPath = [...path, name];
      const given = map.entries.get(name);
      if (isSection(child)) {
        const nothing: Located = { kind: 'map', at: node.at, entries: new Map() };
        result[name] = this.object(given?.value ?? nothing, child, childPath);
        continue;
      }
      const value = this.#key(given, child, { path: childPath, of: node.at });
      if (value !== undefined) result[name] = value;
    }
    for (const [name, child] of Object.entries(properties)) {
      const of = child['x-castling']?.secretFileOf;
      if (of !== undefined) this.#secretFile(result, { name, of, path, map });
    }
    return result;
  }

  #key(
    given: { readonly at: Place; readonly value: Located } | undefined,
    schema: KeySchema,
    { path, of }: { readonly path: readonly string[]; readonly of: Place },
  ): unknown {
    if (given === undefined) {
      if (schema.default !== undefined) {
        const at: Place = { from: 'default' };
        this.origins.set(path.join('.'), at);
        return this.value(located(schema.default, at), schema, path);
      }
      const isMissing = schema['~optional'] === undefined && schema['x-castling']?.derived === undefined;
      if (isMissing) this.#problem(of, path, 'this key is missing; it has no default.');
      return undefined;
    }
    this.origins.set(path.join('.'), given.value.at);
    return this.value(given.value, schema, path);
  }

  value(node: Located, schema: KeySchema, path: readonly string[]): unknown {
    if (schema.anyOf !== undefined) return this.#variant(node, schema.anyOf, path);
    if (schema.properties !== undefined) return this.object(node, schema, path);
    if (schema.patternProperties !== undefined) return this.#set(node, schema, path);
    if (schema.items !== undefined) return this.#list(node, schema, path);
    return this.#scalar(node, schema, path);
  }

  #scalar(node: Located, schema: KeySchema, path: readonly string[]): unknown {
    const notes = schema['x-castling'];
    if (notes === undefined) throw new TypeError(`${path.join('.')} has no notes.`);
    const raw = node.kind === 'scalar' ? node.value : undefined;
    if (raw === null)
      return this.#problem(node.at, path, `there is no value; give ${notes.expected}, or leave the key out.`);
    const isOfSchema = raw !== undefined && Value.Check(schema as never, raw);
    const value = isOfSchema ? readKind(notes, raw, this.#folderOf(node.at)) : undefined;
    if (value === undefined) {
      const meant = raw === undefined ? undefined : meantBy(notes, raw);
      const hint = meant === undefined ? '' : `; write ${meant}`;
      return this.#problem(node.at, path, `give ${notes.expected}${insteadOf(node, notes)}${hint}.`);
    }
    return value;
  }

  #list(node: Located, schema: KeySchema, path: readonly string[]): unknown[] {
    const { items = {}, maxItems = 0 } = schema;
    if (node.kind !== 'list' || node.items.length > maxItems) {
      const expected = schema['x-castling']?.expected ?? 'a list';
      const many = node.kind === 'list' ? `, not ${node.items.length}` : '';
      this.#problem(node.at, path, `give ${expected}${many}.`);
      return [];
    }
    return node.items.map((each, index) => {
      const last = path.at(-1) ?? '';
      return this.value(each, items, [...path.slice(0, -1), `${last}[${index}]`]);
    });
  }

  #set(node: Located, schema: KeySchema, path: readonly string[]): Record<string, unknown> {
    const [pattern = '', child = {}] = Object.entries(schema.patternProperties ?? {})[0] ?? [];
    const result: Record<string, unknown> = {};
    const map = this.#map(node, schema, path);
    const most = (schema as { maxProperties?: number }).maxProperties ?? 0;
    if (map.entries.size > most) {
      this.#problem(node.at, path, `give ${schema['x-castling']?.expected}, not ${map.entries.size}.`);
      return result;
    }
    for (const [name, { at, value }] of map.entries) {
      if (new RegExp(pattern).test(name)) result[name] = this.value(value, child, [...path, name]);
      else
        this.#problem(
          at,
          [...path, name],
          'such a name has letters, digits, - and _, begins with a letter, and is at most 64 long.',
        );
    }
    return result;
  }

  /** The form whose word stands under the key that all forms have as a choice of one word. */
  #variant(node: Located, forms: readonly KeySchema[], path: readonly string[]): unknown {
    const key = Object.entries(forms[0]?.properties ?? {}).find(([, each]) => each.enum?.length === 1)?.[0];
    if (key === undefined) throw new TypeError(`The forms of ${path.join('.')} cannot be told apart.`);
    const words = forms.map((form) => form.properties?.[key]?.enum?.[0] ?? '');
    const given = node.kind === 'map' ? node.entries.get(key)?.value : undefined;
    const word = given?.kind === 'scalar' ? String(given.value) : '';
    const form = forms[words.indexOf(word)];
    if (form !== undefined) return this.object(node, form, path);
    return this.#problem(given?.at ?? node.at, [...path, key], `give one of ${words.join(', ')}.`);
  }

  /** An empty section is written as nothing at all. */
  #map(node: Located, schema: KeySchema, path: readonly string[]): LocatedMap {
    if (node.kind === 'map') return node;
    const nothing: LocatedMap = { kind: 'map', at: node.at, entries: new Map() };
    if (node.kind === 'scalar' && node.value === null) return nothing;
    const [first = 'key'] = Object.keys(schema.properties ?? {});
    this.#problem(
      node.at,
      path,
      `this holds keys of its own, indented in the lines below it, such as “${first}: …”.`,
    );
    return nothing;
  }

  /** The file’s content is read later; given beside the secret itself, the one from the higher layer counts. */
  #secretFile(
    result: Record<string, unknown>,
    { name, of, path, map }: { name: string; of: string; path: readonly string[]; map: LocatedMap },
  ): void {
    const file = result[name];
    delete result[name];
    const given = map.entries.get(name);
    if (typeof file !== 'string' || given === undefined) return;
    const direct = map.entries.get(of);
    if (direct !== undefined) {
      const byFile = rank(given.value.at);
      const byValue = rank(direct.value.at);
      if (byFile === byValue) {
        this.#problem(given.at, [...path, name], `${of} is given, too; leave one of the two.`);
        return;
      }
      if (byFile < byValue) return;
    }
    this.origins.set([...path, of].join('.'), given.value.at);
    this.secretFiles.push({ path: [...path, of], file, at: given.value.at });
  }

  #folderOf(place: Place): string {
    return place.from === 'file' ? dirname(place.file) : this.#options.cwd;
  }

  #problem(at: Place, path: readonly string[], message: string): undefined {
    this.problems.push({ at, key: path.join('.'), message });
    return undefined;
  }
}

function rank({ from }: Place): number {
  return ['default', 'file', 'environment', 'flag'].indexOf(from);
}

/** What was written instead, unless it is a secret or long. */
function insteadOf(node: Located, notes: KeyNotes): string {
  if (notes.secret !== undefined) return '';
  if (node.kind !== 'scalar') return `, not a ${node.kind}`;
  const text = JSON.stringify(node.value);
  return text.length > 60 ? '' : `, not ${text}`;
}

/** A default of the schema in the form that the resolution takes. */
function located(value: unknown, at: Place): Located {
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((each) => located(each, at)) };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, each]) => [key, { at, value: located(each, at) }] as const,
    );
    return { kind: 'map', at, entries: new Map(entries) };
  }
  return { kind: 'scalar', at, value: value as Scalar };
}
