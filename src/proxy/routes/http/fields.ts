/** Header fields by lower-case name, as they travelled; lines of one name are a list. */
export type Fields = { readonly [name: string]: string | readonly string[] | undefined };

/** The lines of one field joined (RFC 9110 section 5.2); `undefined` when there are none. Not for Set-Cookie. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** The members of a list field without quoted commas in it, lower-cased (RFC 9110 section 5.6.1). */
export function fieldTokens(fields: Fields, name: string): string[] {
  return (fieldValue(fields, name) ?? '')
    .split(',')
    .map((text) => text.trim().toLowerCase())
    .filter((text) => text !== '');
}
