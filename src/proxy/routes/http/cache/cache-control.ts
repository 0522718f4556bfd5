import { type Fields, fieldValue } from '../fields.ts';

/**
 * What `Cache-Control` says (RFC 9111 section 5.2, RFC 5861), in seconds where it has a number. The forms of `private` and
 * `no-cache` that name fields count as the whole directive: less is reused than might be, never more (section 5.2.2.7).
 */
export interface Directives {
  readonly maxAge?: number;
  readonly sMaxAge?: number;
  readonly staleWhileRevalidate?: number;
  readonly staleIfError?: number;
  readonly minFresh?: number;
  /** Without a number: any staleness will do. */
  readonly maxStale?: number;
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly isPublic: boolean;
  readonly isPrivate: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly onlyIfCached: boolean;
}

/** Seconds that stand for "longer than that" (RFC 9111 section 1.2.2). */
const mostSeconds = 2 ** 31;

/** A number for each directive: the field's name for it, and what one that is no number means. */
const numbers = {
  'max-age': { name: 'maxAge', invalid: 0 },
  's-maxage': { name: 'sMaxAge', invalid: 0 },
  'stale-while-revalidate': { name: 'staleWhileRevalidate', invalid: 0 },
  'stale-if-error': { name: 'staleIfError', invalid: 0 },
  'min-fresh': { name: 'minFresh', invalid: mostSeconds },
  'max-stale': { name: 'maxStale', invalid: 0 },
} as const;

const none: Directives = {
  noStore: false,
  noCache: false,
  isPublic: false,
  isPrivate: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  onlyIfCached: false,
};

/** A response's or a request's directives; unknown ones say nothing. In time linear in the field, and never throws. */
export function readCacheControl(fields: Fields): Directives {
  const text = fieldValue(fields, 'cache-control');
  if (text === undefined) return none;
  const members = splitOutsideQuotes(text);
  // What ends within quotes may have had anything in it.
  if (members === undefined) return { ...none, noStore: true, noCache: true };
  const named = new Map<string, number | true>();
  for (const member of members) {
    const name = /^[!#$%&'*+\-.^_`|~\w]*/.exec(member)?.[0].toLowerCase() ?? '';
    if (!(name in numbers)) {
      named.set(name, true);
      continue;
    }
    const { invalid } = numbers[name as NumberDirective];
    const value = secondsOf(name, member.slice(name.length), invalid);
    const before = named.get(name);
    // Two that differ: the response counts as stale (section 4.2.1).
    named.set(name, before === undefined || before === value ? value : invalid);
  }
  return { ...seconds(named), ...flags(named) };
}

type NumberDirective = keyof typeof numbers;

function seconds(named: ReadonlyMap<string, number | true>): Partial<Directives> {
  const found: { [name: string]: number } = {};
  for (const directive of Object.keys(numbers) as NumberDirective[]) {
    const value = named.get(directive);
    if (typeof value === 'number') found[numbers[directive].name] = value;
  }
  return found;
}

function flags(named: ReadonlyMap<string, number | true>): typeof none {
  return {
    noStore: named.has('no-store'),
    noCache: named.has('no-cache'),
    isPublic: named.has('public'),
    isPrivate: named.has('private'),
    mustRevalidate: named.has('must-revalidate'),
    proxyRevalidate: named.has('proxy-revalidate'),
    mustUnderstand: named.has('must-understand'),
    onlyIfCached: named.has('only-if-cached'),
  };
}

/** The argument with its `=`: a token, or the same in quotes (section 5.2). */
function secondsOf(name: string, argument: string, invalid: number): number {
  if (name === 'max-stale' && argument === '') return Number.POSITIVE_INFINITY;
  const digits = /^=(?:(\d+)|"(\d+)")$/.exec(argument);
  if (digits === null) return invalid;
  return Math.min(mostSeconds, Number(digits[1] ?? digits[2]));
}

/** The trimmed members of a list; `undefined` when a quote is not closed. */
function splitOutsideQuotes(text: string): string[] | undefined {
  const members: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) index += 1;
    else if (character === ',' && !isQuoted) {
      members.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  members.push(text.slice(start).trim());
  return isQuoted ? undefined : members;
}
