/** What is stale, and may be used all the same, or must not (RFC 9111 section 4.2.4, RFC 5861). */
import type { CacheCase, CaseFields, CaseStep } from '../../support/cache-case.ts';

function stale(
  section: string,
  says: string,
  control: string,
  steps: readonly CaseStep[],
  fields: CaseFields = {},
): CacheCase {
  return {
    section,
    says,
    steps: [
      { upstream: { fields: { 'cache-control': control, etag: '"1"', ...fields }, body: 'a' } },
      ...steps,
    ],
  };
}

const minute = 'max-age=60';
const broken = { status: 503, body: 'broken' };
const reask: Pick<CaseStep, 'upstream' | 'body'> = { upstream: { body: 'b' }, body: 'b' };
const renewed = { fields: { 'cache-control': minute }, body: 'b' };

export const casesOfStaleness: readonly CacheCase[] = [
  stale('4.2.4', 'what is stale is not used without a word', minute, [{ wait: 61, ...reask }]),
  stale('5.2.1.2', 'max-stale without a number: however stale', minute, [
    { wait: 6_000, fields: { 'cache-control': 'max-stale' }, body: 'a' },
  ]),
  stale('5.2.1.2', 'max-stale: so many seconds', minute, [
    { wait: 90, fields: { 'cache-control': 'max-stale=60' }, body: 'a' },
    { wait: 40, fields: { 'cache-control': 'max-stale=60' }, ...reask },
  ]),
  stale('5.2.2.2', 'max-stale does not move must-revalidate', `${minute}, must-revalidate`, [
    { wait: 61, fields: { 'cache-control': 'max-stale' }, ...reask },
  ]),
  stale('5.2.2.8', 'nor proxy-revalidate', `${minute}, proxy-revalidate`, [
    { wait: 61, fields: { 'cache-control': 'max-stale' }, ...reask },
  ]),
  stale('5.2.2.10', 'nor s-maxage', 's-maxage=60', [
    { wait: 61, fields: { 'cache-control': 'max-stale' }, ...reask },
  ]),
  stale('5.2.2.4', 'nor no-cache', `no-cache, ${minute}`, [
    { wait: 61, fields: { 'cache-control': 'max-stale' }, ...reask },
  ]),
  stale(
    'RFC 5861 3',
    'stale-while-revalidate: given at once, and asked for besides',
    `${minute}, stale-while-revalidate=30`,
    [
      { wait: 80, body: 'a', refresh: renewed },
      { wait: 1, body: 'b' },
    ],
  ),
  stale('RFC 5861 3', 'the answer that comes besides may be a 304', `${minute}, stale-while-revalidate=30`, [
    { wait: 80, body: 'a', refresh: { status: 304, fields: { 'cache-control': minute } } },
    { wait: 59, body: 'a' },
  ]),
  stale(
    'RFC 5861 3',
    'an error that comes besides changes nothing',
    `${minute}, stale-while-revalidate=300`,
    [
      { wait: 80, body: 'a', refresh: broken },
      { wait: 1, body: 'a', refresh: renewed },
    ],
  ),
  stale('RFC 5861 3', 'after the window it is asked for first', `${minute}, stale-while-revalidate=30`, [
    { wait: 91, ...reask },
  ]),
  stale(
    'RFC 5861 3',
    'must-revalidate counts before it',
    `${minute}, stale-while-revalidate=30, must-revalidate`,
    [{ wait: 61, ...reask }],
  ),
  stale('RFC 5861 3', 'no-cache of the request counts before it', `${minute}, stale-while-revalidate=30`, [
    { wait: 61, fields: { 'cache-control': 'no-cache' }, ...reask },
  ]),
  stale('RFC 5861 3', 'what is fresh is not asked for besides', `${minute}, stale-while-revalidate=30`, [
    { wait: 30, body: 'a' },
  ]),
  {
    section: 'RFC 5861 3',
    says: 'without a validator the whole is asked for besides',
    steps: [
      { upstream: { fields: { 'cache-control': 'max-age=0, stale-while-revalidate=30' }, body: 'a' } },
      { wait: 5, body: 'a', refresh: { fields: { 'cache-control': 'max-age=60' }, body: 'b' } },
      { wait: 5, body: 'b' },
    ],
  },
  ...[500, 502, 503, 504].map((status) =>
    stale('RFC 5861 4', `stale-if-error: in place of ${status}`, `${minute}, stale-if-error=30`, [
      { wait: 80, upstream: { status, body: 'broken' }, status: 200, body: 'a' },
    ]),
  ),
  stale('RFC 5861 4', 'not in place of 404', `${minute}, stale-if-error=30`, [
    { wait: 80, upstream: { status: 404, body: 'gone' }, status: 404, body: 'gone' },
  ]),
  stale('RFC 5861 4', 'in place of no answer', `${minute}, stale-if-error=30`, [
    { wait: 80, upstream: 'down', status: 200, body: 'a' },
  ]),
  stale('RFC 5861 4', 'not after the window', `${minute}, stale-if-error=30`, [
    { wait: 91, upstream: broken, status: 503, body: 'broken' },
  ]),
  stale('RFC 5861 4', 'the request may allow it', minute, [
    { wait: 80, fields: { 'cache-control': 'stale-if-error=30' }, upstream: broken, status: 200, body: 'a' },
  ]),
  stale('5.2.2.2', 'must-revalidate counts before it', `${minute}, stale-if-error=30, must-revalidate`, [
    { wait: 61, upstream: broken, status: 503, body: 'broken' },
  ]),
  stale('5.2.2.2', 'must-revalidate and no answer: 504', `${minute}, must-revalidate`, [
    { wait: 61, upstream: 'down', status: 504 },
  ]),
  stale('4.2.4', 'no answer and no permission: the failure is told', minute, [
    { wait: 61, upstream: 'down', status: 503 },
  ]),
  stale('5.5', 'a stale answer carries no Warning', `${minute}, stale-while-revalidate=30`, [
    { wait: 80, body: 'a', refresh: renewed, gives: { warning: null } },
  ]),
];
