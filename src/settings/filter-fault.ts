import { methods } from '../protocol/player-schemas.ts';
import { nearest } from './reading/nearest.ts';
import type { Settings } from './schema.ts';
import { ownRoutes } from './sections/filters.ts';

type FilterRule = Settings['filters'][number];

/** What no single key of a filter can say: ids that are used twice, and words that would never fit anything. */
export function filterFault(
  rules: readonly FilterRule[],
  routes: readonly { readonly name: string }[],
): string | undefined {
  const known = [...ownRoutes, ...routes.map(({ name }) => name)];
  const ids = new Set<string>();
  for (const rule of rules) {
    if (ids.has(rule.id)) return `the id ${rule.id} is used twice; give each rule its own.`;
    ids.add(rule.id);
    const fault = unknownKind(rule) ?? unknownRoute(rule, known);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function unknownKind({ id, kinds = [] }: FilterRule): string | undefined {
  const known = Object.keys(methods);
  for (const kind of kinds) {
    if (kind === '*' || kind.includes(' ')) continue;
    const family = kind.endsWith('.*') ? kind.slice(0, -1) : undefined;
    const fits = family === undefined ? known.includes(kind) : known.some((name) => name.startsWith(family));
    if (!fits) return `the rule ${id} names ${kind}, which no message is${meaning(kind, known)}`;
  }
  return undefined;
}

function unknownRoute({ id, routes = [] }: FilterRule, known: readonly string[]): string | undefined {
  const unknown = routes.find((route) => !known.includes(route));
  if (unknown === undefined) return undefined;
  return `the rule ${id} names the route ${unknown}, which there is not${meaning(unknown, known)}`;
}

function meaning(written: string, known: Iterable<string>): string {
  const word = nearest(written, known);
  return word === undefined ? '.' : `; is ${word} meant?`;
}
