/** What a client gets of a stored answer: all of it, one part, or the word that it has it already. */
import type { Answer, ResponseHead } from '../exchange.ts';
import type { Fields } from '../fields.ts';
import { type CacheStatus, withCacheStatus } from './cache-status.ts';
import { isNotModified } from './preconditions.ts';
import { rangeOf } from './range.ts';
import type { StoredHead } from './stored-response.ts';

/** What a 304 says (RFC 9110 section 15.4.5); the rest describes a body that does not come. */
const ofNotModified: ReadonlySet<string> = new Set([
  ...['age', 'cache-control', 'cache-status', 'content-location', 'date', 'etag', 'expires', 'last-modified'],
  'vary',
]);

const bodiless: ReadonlySet<number> = new Set([204, 304]);

export interface CachedAnswer {
  readonly method: string;
  /** The request's fields. */
  readonly request: Fields;
  readonly head: StoredHead;
  readonly body: Buffer;
  /** Seconds. */
  readonly age: number;
  readonly status: CacheStatus;
}

export function giveStored(
  answer: Pick<Answer, 'whole'>,
  { method, request, head, body, age, status }: CachedAnswer,
): void {
  const fields = withCacheStatus({ ...head.fields, age: String(Math.floor(age)) }, status);
  if (isNotModified(request, head)) {
    answer.whole(notModified(fields), undefined);
    return;
  }
  const give = (part: ResponseHead, bytes: Buffer): void => {
    const length = bodiless.has(part.status) ? {} : { 'content-length': String(bytes.length) };
    answer.whole(
      { status: part.status, fields: { ...part.fields, ...length } },
      method === 'HEAD' ? undefined : bytes,
    );
  };
  const range =
    method === 'GET' && head.status === 200
      ? rangeOf(request, head, body.length)
      : ({ kind: 'whole' } as const);
  switch (range.kind) {
    case 'whole':
      give({ status: head.status, fields }, body);
      return;
    case 'part': {
      const { first, last } = range;
      const contentRange = `bytes ${first}-${last}/${body.length}`;
      give(
        { status: 206, fields: { ...fields, 'content-range': contentRange } },
        body.subarray(first, last + 1),
      );
      return;
    }
    case 'unsatisfiable': {
      const { 'content-type': _type, 'content-encoding': _coding, ...rest } = fields;
      give({ status: 416, fields: { ...rest, 'content-range': `bytes */${body.length}` } }, Buffer.alloc(0));
    }
  }
}

export function notModified(fields: Fields): ResponseHead {
  return {
    status: 304,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => ofNotModified.has(name))),
  };
}
