/** Asking whether what is kept still holds, and answering who asks that (RFC 9111 section 4.3, RFC 9110 section 13). */
import { at, type CacheCase, type CaseFields, type CaseStep } from '../../support/cache-case.ts';

const tagged = { 'cache-control': 'max-age=60', etag: '"1"' };
const modified = { 'cache-control': 'max-age=60', date: at(0), 'last-modified': at(-100) };
const unchanged: CaseStep = { upstream: { status: 304 }, status: 200, body: 'a' };

/** Kept with these fields; then a client asks with those, within the lifetime. */
function conditional(
  section: string,
  says: string,
  { kept, asked, status }: { kept: CaseFields; asked: CaseFields; status: number },
): CacheCase {
  return {
    section,
    says,
    steps: [
      { upstream: { fields: kept, body: 'a' } },
      { wait: 1, fields: asked, status, body: status === 304 ? '' : 'a' },
    ],
  };
}

export const casesOfValidation: readonly CacheCase[] = [
  {
    section: '4.3.1',
    says: 'a stale answer is validated by its ETag',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, ...unchanged, asks: { 'if-none-match': '"1"' } },
    ],
  },
  {
    section: '4.3.1',
    says: 'and by its Last-Modified',
    steps: [
      { upstream: { fields: modified, body: 'a' } },
      { wait: 61, ...unchanged, asks: { 'if-modified-since': at(-100), 'if-none-match': null } },
    ],
  },
  {
    section: '4.3.1',
    says: 'without a validator it is asked for whole',
    steps: [
      { upstream: { fields: { 'cache-control': 'max-age=60' }, body: 'a' } },
      {
        wait: 61,
        upstream: { body: 'b' },
        asks: { 'if-none-match': null, 'if-modified-since': null },
        body: 'b',
      },
    ],
  },
  {
    section: '4.3.3',
    says: '304 makes it fresh again',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 304, fields: tagged }, body: 'a' },
      { wait: 59, body: 'a' },
      { wait: 2, upstream: { status: 304, fields: tagged }, body: 'a' },
    ],
  },
  {
    section: '4.3.4',
    says: '304 brings new fields, and leaves out none',
    steps: [
      { upstream: { fields: { ...tagged, 'x-old': '1', 'x-both': '1' }, body: 'a' } },
      {
        wait: 61,
        upstream: { status: 304, fields: { ...tagged, 'x-both': '2', 'x-new': '3' } },
        gives: { 'x-old': '1', 'x-both': '2', 'x-new': '3' },
      },
      { wait: 1, gives: { 'x-old': '1', 'x-both': '2', 'x-new': '3' } },
    ],
  },
  {
    section: '3.2',
    says: '304 does not change what describes the body',
    steps: [
      { upstream: { fields: { ...tagged, 'content-encoding': 'br', 'content-length': '1' }, body: 'a' } },
      {
        wait: 61,
        upstream: { status: 304, fields: { ...tagged, 'content-encoding': 'gzip', 'content-length': '0' } },
        gives: { 'content-encoding': 'br', 'content-length': '1' },
      },
    ],
  },
  {
    section: '4.3.4',
    says: '304 with a new lifetime: that one counts',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 304, fields: { 'cache-control': 'max-age=600', etag: '"1"' } } },
      { wait: 599, body: 'a' },
    ],
  },
  {
    section: '4.2.3',
    says: '304 without an Age ends that of before',
    steps: [
      { upstream: { fields: { ...tagged, age: '30' }, body: 'a' } },
      { wait: 31, upstream: { status: 304, fields: tagged }, gives: { age: '0' } },
      { wait: 10, gives: { age: '10' } },
    ],
  },
  {
    section: '4.3.4',
    says: '304 about another ETag: asked for whole',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      {
        wait: 61,
        upstream: { status: 304, fields: { etag: '"2"' } },
        refresh: { fields: { ...tagged, etag: '"2"' }, body: 'b' },
        status: 200,
        body: 'b',
      },
      { wait: 1, body: 'b', gives: { etag: '"2"' } },
    ],
  },
  {
    section: '4.3.4',
    says: '304 with a weak ETag of the same text confirms',
    steps: [
      { upstream: { fields: { ...tagged, etag: 'W/"1"' }, body: 'a' } },
      { wait: 61, upstream: { status: 304, fields: { etag: 'W/"1"' } }, body: 'a' },
    ],
  },
  {
    section: '4.3.3',
    says: '304 that says no-store: used once more, and kept no longer',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 304, fields: { 'cache-control': 'no-store' } }, body: 'a' },
      { upstream: { body: 'b' }, body: 'b' },
    ],
  },
  {
    section: '4.3.3',
    says: '304 that sets a cookie: the cookie is for one client',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 304, fields: { ...tagged, 'set-cookie': 'sid=1' } }, body: 'a' },
      { upstream: { body: 'b' }, body: 'b', gives: { 'set-cookie': null } },
    ],
  },
  {
    section: '4.3.3',
    says: '200 takes its place',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { fields: { ...tagged, etag: '"2"' }, body: 'b' }, body: 'b' },
      { wait: 1, body: 'b' },
    ],
  },
  {
    section: '4.3.3',
    says: '404 is passed on in its place',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 404, body: 'gone' }, status: 404, body: 'gone' },
    ],
  },
  {
    section: '4.3.3',
    says: '500 is passed on, and what is kept stays',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { wait: 61, upstream: { status: 500, body: 'broken' }, status: 500, body: 'broken' },
      { wait: 1, ...unchanged, asks: { 'if-none-match': '"1"' } },
    ],
  },
  {
    section: '4.3.2',
    says: 'a client’s own condition is answered here when what is kept is stale and confirmed',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      {
        wait: 61,
        fields: { 'if-none-match': '"1"' },
        upstream: { status: 304, fields: tagged },
        status: 304,
        body: '',
        gives: { etag: '"1"' },
      },
    ],
  },
  {
    section: '4.3.2',
    says: 'and not asked upstream: what the client has may be older',
    steps: [
      { upstream: { fields: { ...tagged, etag: '"2"' }, body: 'a' } },
      {
        wait: 61,
        fields: { 'if-none-match': '"1"', 'if-modified-since': at(-500) },
        upstream: { status: 304 },
        asks: { 'if-none-match': '"2"', 'if-modified-since': null },
        status: 200,
        body: 'a',
      },
    ],
  },
  {
    section: '4.3.2',
    says: 'a client’s condition on what is not kept: the whole is asked for and kept, and the client told 304',
    steps: [
      {
        fields: { 'if-none-match': '"1"' },
        upstream: { fields: tagged, body: 'a' },
        asks: { 'if-none-match': null },
        status: 304,
        body: '',
      },
      { wait: 1, status: 200, body: 'a' },
    ],
  },
  conditional('4.3.2', 'If-None-Match with the tag: 304', {
    kept: tagged,
    asked: { 'if-none-match': '"1"' },
    status: 304,
  }),
  conditional('4.3.2', 'If-None-Match with a list', {
    kept: tagged,
    asked: { 'if-none-match': '"0", W/"1" , "2"' },
    status: 304,
  }),
  conditional('RFC 9110 13.1.2', 'If-None-Match compares weakly', {
    kept: { ...tagged, etag: 'W/"1"' },
    asked: { 'if-none-match': '"1"' },
    status: 304,
  }),
  conditional('RFC 9110 8.8.3', 'a tag may have a comma in it', {
    kept: { ...tagged, etag: '"a,b"' },
    asked: { 'if-none-match': '"a", "a,b"' },
    status: 304,
  }),
  conditional('RFC 9110 13.1.2', 'If-None-Match: *', {
    kept: tagged,
    asked: { 'if-none-match': '*' },
    status: 304,
  }),
  conditional('4.3.2', 'If-None-Match with another tag: 200', {
    kept: tagged,
    asked: { 'if-none-match': '"10", "11"' },
    status: 200,
  }),
  conditional('RFC 9110 13.2.2', 'If-None-Match counts before If-Modified-Since', {
    kept: { ...modified, etag: '"1"' },
    asked: { 'if-none-match': '"2"', 'if-modified-since': at(0) },
    status: 200,
  }),
  conditional('4.3.2', 'If-Modified-Since at the modification: 304', {
    kept: modified,
    asked: { 'if-modified-since': at(-100) },
    status: 304,
  }),
  conditional('4.3.2', 'If-Modified-Since before it: 200', {
    kept: modified,
    asked: { 'if-modified-since': at(-101) },
    status: 200,
  }),
  conditional('4.3.2', 'without Last-Modified, If-Modified-Since compares with the Date', {
    kept: { 'cache-control': 'max-age=60', date: at(-10) },
    asked: { 'if-modified-since': at(-10) },
    status: 304,
  }),
  conditional('RFC 9110 13.1.3', 'an If-Modified-Since that is no date says nothing', {
    kept: modified,
    asked: { 'if-modified-since': 'lately' },
    status: 200,
  }),
  {
    section: 'RFC 9110 15.4.5',
    says: '304 says what the 200 would have said about caching, and nothing of the body',
    steps: [
      { upstream: { fields: { ...tagged, vary: 'Accept', 'content-type': 'text/plain' }, body: 'a' } },
      {
        wait: 1,
        fields: { 'if-none-match': '"1"' },
        status: 304,
        gives: {
          'cache-control': 'max-age=60',
          etag: '"1"',
          vary: 'Accept',
          date: at(0),
          'content-type': null,
          'content-length': null,
        },
      },
    ],
  },
  {
    section: '4.3.2',
    says: 'If-Match is for the upstream alone',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      {
        wait: 1,
        fields: { 'if-match': '"2"' },
        upstream: { status: 412 },
        asks: { 'if-match': '"2"' },
        status: 412,
      },
    ],
  },
  {
    section: '4.3.2',
    says: 'and so is If-Unmodified-Since',
    steps: [
      { upstream: { fields: modified, body: 'a' } },
      { wait: 1, fields: { 'if-unmodified-since': at(-200) }, upstream: { status: 412 }, status: 412 },
    ],
  },
  {
    section: '4',
    says: 'HEAD is answered from what GET has left',
    steps: [
      { upstream: { fields: tagged, body: 'abc' } },
      { method: 'HEAD', wait: 1, status: 200, body: '', gives: { 'content-length': '3', etag: '"1"' } },
    ],
  },
  {
    section: '4',
    says: 'the answer to HEAD is not kept for GET',
    steps: [
      { method: 'HEAD', upstream: { fields: tagged }, body: '' },
      { upstream: { fields: tagged, body: 'a' }, body: 'a' },
    ],
  },
  {
    section: '4.3.5',
    says: 'a HEAD that agrees makes what is kept fresh again',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { method: 'HEAD', wait: 61, upstream: { fields: { ...tagged, 'content-length': '1' } }, status: 200 },
      { wait: 59, body: 'a' },
    ],
  },
  {
    section: '4.3.5',
    says: 'a HEAD with another ETag: what is kept is out of date',
    steps: [
      { upstream: { fields: tagged, body: 'a' } },
      { method: 'HEAD', wait: 61, upstream: { fields: { ...tagged, etag: '"2"' } } },
      { upstream: { fields: tagged, body: 'b' }, body: 'b', asks: { 'if-none-match': null } },
    ],
  },
  {
    section: '4.3.5',
    says: 'and so it is with another length',
    steps: [
      { upstream: { fields: { 'cache-control': 'max-age=60', 'content-length': '1' }, body: 'a' } },
      {
        method: 'HEAD',
        wait: 61,
        upstream: { fields: { 'cache-control': 'max-age=60', 'content-length': '2' } },
      },
      { upstream: { fields: tagged, body: 'bb' }, body: 'bb' },
    ],
  },
];
