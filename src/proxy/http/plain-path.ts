/** Bytes of a path with its query. */
export const targetMost = 8 * 1024;

/**
 * Whether a path can be read in one way only: letters of RFC 3986 alone, no empty segments, no dot segments in any spelling (with
 * parameters neither), no encoded slashes, backslashes and control characters, and UTF-8 (sections 2.1, 3.3 and 6.2.2).
 */
export function isPlainPath(path: string): boolean {
  if (!/^\/[\w\-.~!$&'()*+,;=:@%/]*$/.test(path) || path.includes('//')) return false;
  if (path.includes('%') && !isPlainlyEncoded(path)) return false;
  return !path.split('/').some((segment) => /^(?:\.|%2e){1,2}(?:;|$)/i.test(segment));
}

function isPlainlyEncoded(path: string): boolean {
  if (/%(?![\da-f]{2})|%(?:[01][\da-f]|7f|2f|5c)/i.test(path)) return false;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
