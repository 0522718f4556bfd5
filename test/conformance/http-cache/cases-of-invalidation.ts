/** What is forgotten because something may have changed it (RFC 9111 section 4.4). */
import type { CacheCase, CaseFields } from '../../support/cache-case.ts';

const hour = { 'cache-control': 'max-age=3600' };
const again = { upstream: { body: 'b' }, body: 'b' };

function after(
  says: string,
  method: string,
  { status, forgets }: { status: number; forgets: boolean },
): CacheCase {
  return {
    section: '4.4',
    says,
    steps: [
      { target: '/x', upstream: { fields: hour, body: 'a' } },
      { target: '/x', method, upstream: { status } },
      { target: '/x', wait: 1, ...(forgets ? again : { body: 'a' }) },
    ],
  };
}

function named(says: string, fields: CaseFields, { forgets }: { forgets: boolean }): CacheCase {
  return {
    section: '4.4',
    says,
    steps: [
      { target: '/games/1', upstream: { fields: hour, body: 'a' } },
      { target: '/games', method: 'POST', upstream: { status: 201, fields } },
      { target: '/games/1', wait: 1, ...(forgets ? again : { body: 'a' }) },
    ],
  };
}

export const casesOfInvalidation: readonly CacheCase[] = [
  ...['POST', 'PUT', 'DELETE', 'PATCH', 'MOVE'].map((method) =>
    after(`${method} that succeeds`, method, { status: 200, forgets: true }),
  ),
  after('POST that redirects', 'POST', { status: 303, forgets: true }),
  after('POST that is refused forgets nothing', 'POST', { status: 403, forgets: false }),
  after('POST that fails forgets nothing', 'POST', { status: 500, forgets: false }),
  after('OPTIONS is safe', 'OPTIONS', { status: 200, forgets: false }),
  after('TRACE is safe', 'TRACE', { status: 200, forgets: false }),
  named('what Location names', { location: '/games/1' }, { forgets: true }),
  named('what a relative Location names', { location: 'games/1' }, { forgets: true }),
  named('what a whole Location names', { location: 'http://upstream.test/games/1' }, { forgets: true }),
  named('what Content-Location names', { 'content-location': '/games/1' }, { forgets: true }),
  named('not what a Location elsewhere names', { location: 'http://other.test/games/1' }, { forgets: false }),
  {
    section: '4.4',
    says: 'all that varies by the request goes',
    steps: [
      ...['en', 'de'].map((language) => ({
        fields: { 'accept-language': language },
        upstream: { fields: { ...hour, vary: 'Accept-Language' }, body: language },
      })),
      { method: 'POST', upstream: {} },
      ...['en', 'de'].map((language) => ({ fields: { 'accept-language': language }, ...again })),
    ],
  },
  {
    section: '4.4',
    says: 'what is for one player goes by another one’s change',
    steps: [
      { player: 'y_ada', upstream: { fields: hour, body: 'a' } },
      { player: 'y_grace', method: 'POST', upstream: {} },
      { player: 'y_ada', ...again },
    ],
  },
  {
    section: '4.4',
    says: 'a query makes another target',
    steps: [
      { target: '/x?page=1', upstream: { fields: hour, body: 'a' } },
      { target: '/x', method: 'POST', upstream: {} },
      { target: '/x?page=1', body: 'a' },
    ],
  },
];
