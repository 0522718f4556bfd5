import { canonicalAddress } from '../../process/addresses/canonical-address.ts';

/**
 * Which header field a trusted proxy tells the client's address in. Only the one that is named is read: a proxy that writes one
 * of them mostly passes the other on as a stranger wrote it.
 */
export type ForwardedField = 'x-forwarded-for' | 'forwarded';

/**
 * The hops that a field lists, left to right as they were added; one that gives no address (RFC 7239 section 6: `unknown`, an
 * obfuscated name; or nonsense) is `undefined`. The whole is `undefined` when the field cannot be taken apart.
 *
 * The field's length is bounded by the listener's limit on headers.
 */
export function forwardedHops(field: ForwardedField, value: string): (string | undefined)[] | undefined {
  if (field === 'x-forwarded-for') return value.split(',').map((hop) => nodeAddress(hop.trim()));
  return elementsOf(value)?.map(nodeAddress);
}

/** An address, and perhaps a port, which is dropped. IPv6 with a port, and in RFC 7239 always, stands in brackets. */
function nodeAddress(node: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::[\w.-]+)?$/.exec(node)?.[1];
  if (bracketed !== undefined) return bracketed.includes(':') ? canonicalAddress(bracketed) : undefined;
  return canonicalAddress(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/.exec(node)?.[1] ?? node);
}

/** One pair of RFC 7239 section 4: a token, and a token or quoted string; then what separates it from the next. */
const pair =
  /[\t ]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"))?[\t ]*([;,]|$)/y;

/** The `for` of each element, empty where there is none. `undefined` when the syntax is broken or a parameter comes twice. */
function elementsOf(value: string): string[] | undefined {
  const elements: string[] = [];
  let names = new Map<string, string>();
  pair.lastIndex = 0;
  while (pair.lastIndex < value.length) {
    const found = pair.exec(value);
    if (found === null) return undefined;
    const [, name, token, quoted, separator] = found;
    if (name !== undefined) {
      const key = name.toLowerCase();
      if (names.has(key)) return undefined;
      names.set(key, token ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'));
    }
    if (separator === ',' || pair.lastIndex >= value.length) {
      if (names.size > 0) elements.push(names.get('for') ?? '');
      names = new Map();
    }
  }
  return elements;
}
