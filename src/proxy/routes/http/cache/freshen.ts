/** What a stored answer becomes by a newer word about it (RFC 9111 sections 3.1, 3.2 and 4.3.4). */
import { type Fields, fieldTokens } from '../fields.ts';
import type { StoredHead } from './stored-response.ts';

/** Never stored: they are about one connection, or about the proxies on one way (section 3.1). */
const ofOneConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** What a validation must not change, since it describes the stored body. */
const ofTheBody: ReadonlySet<string> = new Set(['content-encoding', 'content-length', 'content-range']);

/** RFC 9110 section 6.6.1: what is kept or passed on says when it was made, at least by our clock. */
export function dated(fields: Fields, receivedAt: number): Fields {
  return fields.date === undefined ? { ...fields, date: new Date(receivedAt).toUTCString() } : fields;
}

/** The fields of an answer that are for everybody on the way. */
export function endToEnd(fields: Fields): Fields {
  const named = new Set(fieldTokens(fields, 'connection'));
  return Object.fromEntries(
    Object.entries(fields).filter(([name]) => !ofOneConnection.has(name) && !named.has(name)),
  );
}

/** The stored answer after a 304, or after a HEAD that agrees with it. */
export function freshened(
  stored: StoredHead,
  { fields, requestedAt, receivedAt }: Pick<StoredHead, 'fields' | 'requestedAt' | 'receivedAt'>,
): StoredHead {
  const { age: _age, ...kept } = stored.fields;
  const changed = Object.entries(endToEnd(fields)).filter(([name]) => !ofTheBody.has(name));
  return { ...stored, requestedAt, receivedAt, fields: { ...kept, ...Object.fromEntries(changed) } };
}
