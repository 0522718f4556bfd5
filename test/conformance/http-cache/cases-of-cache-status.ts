/** What the cache says that it did (RFC 9211). */
import type { CacheCase } from '../../support/cache-case.ts';

const hour = { 'cache-control': 'max-age=3600', etag: '"1"' };

export const casesOfCacheStatus: readonly CacheCase[] = [
  {
    section: 'RFC 9211 2',
    says: 'a miss that is kept, and a hit with what is left of its life',
    steps: [
      {
        upstream: { fields: hour, body: 'a' },
        gives: { 'cache-status': 'castling; fwd=uri-miss; fwd-status=200; stored' },
      },
      { wait: 600, gives: { 'cache-status': 'castling; hit; ttl=3000' } },
    ],
  },
  {
    section: 'RFC 9211 2.2',
    says: 'a miss that is not kept',
    steps: [{ upstream: {}, gives: { 'cache-status': 'castling; fwd=uri-miss; fwd-status=200' } }],
  },
  {
    section: 'RFC 9211 2.2',
    says: 'a miss because of Vary',
    steps: [
      { upstream: { fields: { ...hour, vary: 'Accept' }, body: 'a' } },
      {
        fields: { accept: 'a/b' },
        upstream: { body: 'b' },
        gives: { 'cache-status': /^castling; fwd=vary-miss; fwd-status=200$/ },
      },
    ],
  },
  {
    section: 'RFC 9211 2.2',
    says: 'a stale answer that is confirmed',
    steps: [
      { upstream: { fields: hour, body: 'a' } },
      {
        wait: 3_601,
        upstream: { status: 304, fields: hour },
        gives: { 'cache-status': 'castling; fwd=stale; fwd-status=304; ttl=3600; stored' },
      },
    ],
  },
  {
    section: 'RFC 9211 2.2',
    says: 'a request that insists',
    steps: [
      { upstream: { fields: hour, body: 'a' } },
      {
        fields: { 'cache-control': 'no-cache' },
        upstream: { status: 304 },
        gives: { 'cache-status': /^castling; fwd=request; fwd-status=304/ },
      },
    ],
  },
  {
    section: 'RFC 9211 2.2',
    says: 'a method that is not for caches',
    steps: [
      {
        method: 'POST',
        upstream: { status: 201 },
        gives: { 'cache-status': 'castling; fwd=method; fwd-status=201' },
      },
    ],
  },
  {
    section: 'RFC 9211 2.4',
    says: 'the ttl of a stale answer is below 0',
    steps: [
      { upstream: { fields: { 'cache-control': 'max-age=60, stale-while-revalidate=30' }, body: 'a' } },
      {
        wait: 70,
        refresh: { status: 500 },
        gives: { 'cache-status': 'castling; hit; ttl=-10; detail=stale-while-revalidate' },
      },
    ],
  },
  {
    section: 'RFC 9211 2',
    says: 'caches nearer to the upstream come first',
    steps: [
      {
        upstream: { fields: { 'cache-status': 'inner; hit' } },
        gives: { 'cache-status': 'inner; hit, castling; fwd=uri-miss; fwd-status=200' },
      },
    ],
  },
];
