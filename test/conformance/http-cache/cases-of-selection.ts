/** Which kept answer is for a request, and which part of it (RFC 9111 section 4.1, RFC 9110 section 14). */
import { at, type CacheCase, type CaseFields, type CaseStep } from '../../support/cache-case.ts';

const hour = { 'cache-control': 'max-age=3600' };

/** Kept for one request; then another comes. */
function varying(
  section: string,
  says: string,
  {
    vary,
    first,
    next,
    isSame,
  }: { vary: string | readonly string[]; first: CaseFields; next: CaseFields; isSame: boolean },
): CacheCase {
  const second: CaseStep = isSame
    ? { fields: next, body: 'a' }
    : { fields: next, upstream: { fields: { ...hour, vary }, body: 'b' }, body: 'b' };
  return {
    section,
    says,
    steps: [{ fields: first, upstream: { fields: { ...hour, vary }, body: 'a' } }, second],
  };
}

const text = '0123456789';
const whole = { ...hour, etag: '"1"', 'last-modified': at(-100), date: at(0), 'content-type': 'text/plain' };

/** The ten digits are kept; a part is asked for. */
function part(
  section: string,
  says: string,
  asked: CaseFields,
  { status, body, gives = {} }: Pick<CaseStep, 'body' | 'gives'> & { readonly status: number },
): CacheCase {
  return {
    section,
    says,
    steps: [
      { upstream: { fields: whole, body: text } },
      { wait: 1, fields: asked, status, gives, ...(body !== undefined && { body }) },
    ],
  };
}

export const casesOfSelection: readonly CacheCase[] = [
  varying('4.1', 'Vary: the same value is the same', {
    vary: 'Accept-Language',
    first: { 'accept-language': 'en' },
    next: { 'accept-language': 'en' },
    isSame: true,
  }),
  varying('4.1', 'another value is another', {
    vary: 'Accept-Language',
    first: { 'accept-language': 'en' },
    next: { 'accept-language': 'de' },
    isSame: false,
  }),
  varying('4.1', 'a field that is absent is not one that is empty', {
    vary: 'X-Table',
    first: {},
    next: { 'x-table': '' },
    isSame: false,
  }),
  varying('4.1', 'absent both times is the same', { vary: 'X-Table', first: {}, next: {}, isSame: true }),
  varying('4.1', 'names in Vary in any case', {
    vary: 'ACCEPT-language',
    first: { 'accept-language': 'en' },
    next: { 'accept-language': 'de' },
    isSame: false,
  }),
  varying('4.1', 'several names: each must be the same', {
    vary: 'Accept, Accept-Language',
    first: { accept: 'a/b', 'accept-language': 'en' },
    next: { accept: 'a/b', 'accept-language': 'de' },
    isSame: false,
  }),
  varying('4.1', 'several lines of Vary', {
    vary: ['Accept', 'Accept-Language'],
    first: { accept: 'a/b', 'accept-language': 'en' },
    next: { accept: 'a/b', 'accept-language': 'de' },
    isSame: false,
  }),
  varying('4.1', 'white space between members means nothing', {
    vary: 'Accept-Encoding',
    first: { 'accept-encoding': 'gzip,br' },
    next: { 'accept-encoding': ' gzip ,  br' },
    isSame: true,
  }),
  varying('4.1', 'fields that Vary does not name mean nothing', {
    vary: 'Accept',
    first: { accept: 'a/b', 'accept-language': 'en' },
    next: { accept: 'a/b', 'accept-language': 'de' },
    isSame: true,
  }),
  {
    section: '4.1',
    says: 'answers for several values are kept side by side',
    steps: [
      ...['en', 'de', 'fr'].map((language) => ({
        fields: { 'accept-language': language },
        upstream: { fields: { ...hour, vary: 'Accept-Language' }, body: language },
      })),
      ...['de', 'fr', 'en'].map((language) => ({ fields: { 'accept-language': language }, body: language })),
    ],
  },
  {
    section: '4.1',
    says: 'of several that fit, the most recent is used',
    steps: [
      {
        fields: { 'accept-language': 'en' },
        upstream: { fields: { ...hour, vary: 'Accept-Language' }, body: 'old' },
      },
      {
        wait: 1,
        fields: { 'accept-language': 'en', 'cache-control': 'no-cache' },
        upstream: { fields: hour, body: 'new' },
      },
      { wait: 1, fields: { 'accept-language': 'en' }, body: 'new' },
    ],
  },
  {
    section: '4.1',
    says: 'a cookie in Vary is compared, and not kept in clear',
    steps: [
      {
        fields: { cookie: 'theme=dark' },
        upstream: { fields: { 'cache-control': 'public, max-age=60', vary: 'Cookie' }, body: 'dark' },
      },
      { fields: { cookie: 'theme=dark' }, body: 'dark' },
      {
        fields: { cookie: 'theme=light' },
        upstream: { fields: { 'cache-control': 'public, max-age=60', vary: 'Cookie' }, body: 'light' },
        body: 'light',
      },
    ],
  },
  part(
    'RFC 9110 14.2',
    'a range of a kept answer',
    { range: 'bytes=2-4' },
    {
      status: 206,
      body: '234',
      gives: {
        'content-range': 'bytes 2-4/10',
        'content-length': '3',
        etag: '"1"',
        'content-type': 'text/plain',
      },
    },
  ),
  part(
    'RFC 9110 14.1.2',
    'an open range',
    { range: 'bytes=7-' },
    {
      status: 206,
      body: '789',
      gives: { 'content-range': 'bytes 7-9/10' },
    },
  ),
  part(
    'RFC 9110 14.1.2',
    'the last bytes',
    { range: 'bytes=-2' },
    {
      status: 206,
      body: '89',
      gives: { 'content-range': 'bytes 8-9/10' },
    },
  ),
  part(
    'RFC 9110 14.1.2',
    'more last bytes than there are',
    { range: 'bytes=-99' },
    {
      status: 206,
      body: text,
      gives: { 'content-range': 'bytes 0-9/10' },
    },
  ),
  part(
    'RFC 9110 14.1.2',
    'a range beyond the end is cut',
    { range: 'bytes=8-99' },
    { status: 206, body: '89' },
  ),
  part(
    'RFC 9110 15.5.17',
    'a range after the end: 416',
    { range: 'bytes=10-' },
    {
      status: 416,
      body: '',
      gives: { 'content-range': 'bytes */10', 'content-type': null },
    },
  ),
  part('RFC 9110 15.5.17', 'the last 0 bytes: 416', { range: 'bytes=-0' }, { status: 416, body: '' }),
  part(
    'RFC 9110 14.1.1',
    'a range that ends before it begins is none',
    { range: 'bytes=5-2' },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 14.2',
    'a range in another unit is none',
    { range: 'moves=1-2' },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 14.2',
    'several ranges may be answered whole',
    { range: 'bytes=0-1,4-5' },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 13.1.5',
    'If-Range with the tag: the part',
    { range: 'bytes=0-1', 'if-range': '"1"' },
    { status: 206, body: '01' },
  ),
  part(
    'RFC 9110 13.1.5',
    'If-Range with another tag: the whole',
    { range: 'bytes=0-1', 'if-range': '"2"' },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 13.1.5',
    'If-Range with a weak tag never holds',
    { range: 'bytes=0-1', 'if-range': 'W/"1"' },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 13.1.5',
    'If-Range with the very date: the part',
    { range: 'bytes=0-1', 'if-range': at(-100) },
    { status: 206, body: '01' },
  ),
  part(
    'RFC 9110 13.1.5',
    'If-Range with a later date: the whole',
    { range: 'bytes=0-1', 'if-range': at(-50) },
    { status: 200, body: text },
  ),
  part(
    'RFC 9110 13.2.2',
    'If-None-Match counts before the range',
    { range: 'bytes=0-1', 'if-none-match': '"1"' },
    { status: 304, body: '' },
  ),
  {
    section: 'RFC 9110 14.2',
    says: 'a range means something for GET alone',
    steps: [
      { upstream: { fields: whole, body: text } },
      { method: 'HEAD', fields: { range: 'bytes=0-1' }, status: 200, gives: { 'content-length': '10' } },
    ],
  },
  {
    section: '3.3',
    says: 'a range of what is not kept is the upstream’s to answer',
    steps: [
      {
        fields: { range: 'bytes=0-1' },
        upstream: { status: 206, fields: { ...whole, 'content-range': 'bytes 0-1/10' }, body: '01' },
        asks: { range: 'bytes=0-1' },
        status: 206,
        body: '01',
      },
      { upstream: { fields: whole, body: text }, status: 200, body: text },
    ],
  },
  {
    section: '3.3',
    says: 'a whole answer to a range is kept',
    steps: [
      { fields: { range: 'bytes=0-1' }, upstream: { fields: whole, body: text }, status: 200, body: text },
      { fields: { range: 'bytes=0-1' }, status: 206, body: '01' },
    ],
  },
  {
    section: '4.3.1',
    says: 'a stale answer is validated whole, and its part given',
    steps: [
      { upstream: { fields: { ...whole, 'cache-control': 'max-age=60' }, body: text } },
      {
        wait: 61,
        fields: { range: 'bytes=0-1' },
        upstream: { status: 304 },
        asks: { range: null, 'if-none-match': '"1"' },
        status: 206,
        body: '01',
      },
    ],
  },
];
