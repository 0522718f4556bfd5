/**
 * Whether a content coding is acceptable by an `Accept-Encoding` field (RFC 9110 section 12.5.3): named, or covered by `*`,
 * with a weight above 0. Without the field only the plain form is sent, which everybody can read.
 */
export function accepts(coding: string, field: string | undefined): boolean {
  let byStar = false;
  for (const part of (field ?? '').split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    if (name !== coding && name !== '*') continue;
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2);
    const isWanted = weight === undefined || Number(weight) > 0;
    if (name === coding) return isWanted;
    byStar = isWanted;
  }
  return byStar;
}
