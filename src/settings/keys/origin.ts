import type { TUnsafe } from 'typebox';
import { type About, keyOf } from './key.ts';

/**
 * The origin of a web page (RFC 6454 section 6.2). It is compared letter for letter with what browsers send, so it must be
 * written as they write it: lower case, no path, the default port left out.
 */
export function origin(about: Partial<About<string>> = {}): TUnsafe<string> {
  return keyOf({ type: 'string', maxLength: 300, pattern: '^https?://[^/?#@\\s]+$' }, about, {
    kind: 'origin',
    expected: 'an origin as browsers write it, such as https://example.org or https://example.org:8443',
  });
}

export function readOrigin(text: string): string | undefined {
  return meantOrigin(text) === text ? text : undefined;
}

/** An address of a page, or its origin in other words, as browsers write the origin. */
export function meantOrigin(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}
