/** What may be kept (RFC 9111 sections 3, 3.1, 3.5, and the directives that decide about it). */
import { at, type CacheCase, type CaseAnswer, type CaseFields } from '../../support/cache-case.ts';

const fresh = { 'cache-control': 'max-age=60' };
const again = (): CaseAnswer => ({ body: 'second' });

/** Asked for twice; the second time the upstream must, or must not, be asked again. */
function kept(section: string, says: string, answer: CaseAnswer, request: CaseFields = {}): CacheCase {
  const status = answer.status ?? 200;
  return {
    section,
    says,
    steps: [
      { fields: request, upstream: { body: 'first', ...answer }, status, body: 'first' },
      { fields: request, wait: 1, status, body: 'first' },
    ],
  };
}

function notKept(section: string, says: string, answer: CaseAnswer, request: CaseFields = {}): CacheCase {
  return {
    section,
    says,
    steps: [
      { fields: request, upstream: { body: 'first', ...answer }, body: 'first' },
      { fields: request, wait: 1, upstream: again(), body: 'second' },
    ],
  };
}

const heuristic = { 'last-modified': at(-86_400 * 10) };

export const casesOfStoring: readonly CacheCase[] = [
  kept('3', 'keeps a 200 with an explicit lifetime', { fields: fresh }),
  notKept('3', 'keeps nothing that says neither a lifetime nor a validator', {}),
  ...[200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
    .map((status) =>
      kept('3', `keeps a ${status} with a lifetime`, {
        status,
        fields: fresh,
        ...(status === 204 && { body: '' }),
      }),
    )
    .map((each) => ({
      ...each,
      steps: each.steps.map((step) => ({ ...step, ...(step.status === 204 && { body: '' }) })),
    })),
  ...[302, 303, 307, 400, 403, 500, 503].map((status) =>
    kept('3', `keeps a ${status} when it states a lifetime`, { status, fields: fresh }),
  ),
  ...[302, 307, 403, 500].map((status) =>
    notKept('3', `does not keep a ${status} by guessing`, { status, fields: heuristic }),
  ),
  ...[203, 300, 404, 410].map((status) =>
    kept('4.2.2', `guesses how long a ${status} is fresh`, { status, fields: heuristic }),
  ),
  notKept('3', 'does not keep a 206', {
    status: 206,
    fields: { ...fresh, 'content-range': 'bytes 0-4/10' },
  }),
  {
    section: '3',
    says: 'does not keep the answer to POST',
    steps: [
      { method: 'POST', upstream: { fields: fresh, body: 'posted' }, body: 'posted' },
      { upstream: { body: 'got' }, body: 'got' },
    ],
  },
  {
    section: '3',
    says: 'does not keep the answer to OPTIONS',
    steps: [
      { method: 'OPTIONS', upstream: { fields: fresh, body: 'a' }, body: 'a' },
      { method: 'OPTIONS', upstream: { fields: fresh, body: 'b' }, body: 'b' },
    ],
  },
  {
    section: '3',
    says: 'keeps answers of two targets apart, queries included',
    steps: [
      { target: '/a?x=1', upstream: { fields: fresh, body: '1' }, body: '1' },
      { target: '/a?x=2', upstream: { fields: fresh, body: '2' }, body: '2' },
      { target: '/a?x=1', body: '1' },
      { target: '/A?x=1', upstream: { fields: fresh, body: '3' }, body: '3' },
    ],
  },
  notKept('5.2.2.5', 'no-store: does not keep it', { fields: { 'cache-control': 'no-store, max-age=60' } }),
  notKept('5.2.2.5', 'no-store in capital letters', { fields: { 'cache-control': 'No-Store, Max-Age=60' } }),
  notKept('5.2.2.5', 'no-store in a second line', {
    fields: { 'cache-control': ['max-age=60', 'no-store'] },
  }),
  notKept(
    '5.2.1.5',
    'no-store of the request: does not keep the answer',
    { fields: fresh },
    { 'cache-control': 'no-store' },
  ),
  kept('5.2.2.3', 'must-understand: keeps a known status in spite of no-store', {
    fields: { 'cache-control': 'must-understand, no-store, max-age=60' },
  }),
  notKept('5.2.2.3', 'must-understand: does not keep an unknown status', {
    status: 299,
    fields: { 'cache-control': 'must-understand, max-age=60' },
  }),
  kept('3', 'keeps an unknown status that states a lifetime', { status: 299, fields: fresh }),
  notKept('5.2.2.7', 'private: does not keep it', { fields: { 'cache-control': 'private, max-age=60' } }),
  notKept('5.2.2.7', 'private with field names counts as private', {
    fields: { 'cache-control': 'private="x-user, x-seat", max-age=60' },
  }),
  notKept('5.2', 'a quote that is not closed hides nothing', {
    fields: { 'cache-control': 'max-age=60, x="a, no-store' },
  }),
  kept('5.2.3', 'directives that are unknown say nothing', {
    fields: { 'cache-control': 'max-age=60, pre-check=0, x="no-store"' },
  }),
  notKept('3.5', 'the answer to a player is not kept for others without a word', { fields: {} }, {}),
  {
    section: '3.5',
    says: 'the answer to one player is never given to another',
    steps: [
      { player: 'y_ada', upstream: { fields: fresh, body: 'ada' }, body: 'ada' },
      { player: 'y_grace', upstream: { fields: fresh, body: 'grace' }, body: 'grace' },
      { player: 'y_ada', body: 'ada' },
      { player: 'y_grace', body: 'grace' },
    ],
  },
  {
    section: '3.5',
    says: 'nor to somebody who is not signed in',
    steps: [
      { player: 'y_ada', upstream: { fields: fresh, body: 'ada' }, body: 'ada' },
      { upstream: { fields: fresh, body: 'all' }, body: 'all' },
    ],
  },
  {
    section: '3.5',
    says: 'public: the answer to one player is for all',
    steps: [
      {
        player: 'y_ada',
        upstream: { fields: { 'cache-control': 'public, max-age=60' }, body: 'all' },
        body: 'all',
      },
      { player: 'y_grace', body: 'all' },
      { body: 'all' },
    ],
  },
  {
    section: '5.2.2.10',
    says: 's-maxage: the answer to one player is for all',
    steps: [
      { player: 'y_ada', upstream: { fields: { 'cache-control': 's-maxage=60' }, body: 'all' }, body: 'all' },
      { player: 'y_grace', body: 'all' },
    ],
  },
  {
    section: '3.5',
    says: 'public with private: private wins',
    steps: [
      {
        player: 'y_ada',
        upstream: { fields: { 'cache-control': 'public, private, max-age=60' }, body: 'a' },
      },
      { player: 'y_ada', upstream: { body: 'b' }, body: 'b' },
    ],
  },
  {
    section: '4.1',
    says: 'public, but varying by the assertion of who asks: for each player alone',
    steps: [
      {
        player: 'y_ada',
        upstream: {
          fields: { 'cache-control': 'public, max-age=60', vary: 'Castling-Assertion' },
          body: 'ada',
        },
      },
      {
        player: 'y_grace',
        upstream: {
          fields: { 'cache-control': 'public, max-age=60', vary: 'Castling-Assertion' },
          body: 'grace',
        },
        body: 'grace',
      },
      { player: 'y_ada', body: 'ada' },
    ],
  },
  notKept(
    '3.5',
    'the answer to a cookie of the upstream’s is not kept',
    { fields: fresh },
    { cookie: 'sid=1' },
  ),
  kept(
    '3.5',
    'unless it says public',
    { fields: { 'cache-control': 'public, max-age=60' } },
    { cookie: 'sid=1' },
  ),
  notKept('7.3', 'an answer that sets a cookie is not kept', { fields: { ...fresh, 'set-cookie': 'sid=1' } }),
  notKept('7.3', 'not even when it says public', {
    fields: { 'cache-control': 'public, max-age=60', 'set-cookie': 'sid=1' },
  }),
  notKept('4.1', 'Vary: * is not kept', { fields: { ...fresh, vary: '*' } }),
  notKept('4.1', 'nor a list with * in it', { fields: { ...fresh, vary: 'Accept, *' } }),
  {
    section: '3.1',
    says: 'fields of one connection are not kept',
    steps: [
      {
        upstream: {
          fields: {
            ...fresh,
            connection: 'close, X-Once',
            'x-once': '1',
            'keep-alive': 'timeout=5',
            'proxy-authenticate': 'Basic',
            'x-kept': '1',
          },
          body: 'a',
        },
        gives: { connection: null, 'x-once': null, 'keep-alive': null, 'x-kept': '1' },
      },
      {
        gives: {
          connection: null,
          'x-once': null,
          'keep-alive': null,
          'proxy-authenticate': null,
          'x-kept': '1',
        },
      },
    ],
  },
  {
    section: '3',
    says: 'an answer over the bound for one body is passed on and not kept',
    steps: [
      { upstream: { fields: fresh, body: 'x'.repeat(70_000) }, body: 'x'.repeat(70_000) },
      { upstream: { fields: fresh, body: 'small' }, body: 'small' },
      { body: 'small' },
    ],
  },
  {
    section: '3',
    says: 'a newer answer takes the place of the older',
    steps: [
      { upstream: { fields: fresh, body: 'first' } },
      {
        fields: { 'cache-control': 'no-cache' },
        upstream: { fields: fresh, body: 'second' },
        body: 'second',
      },
      { body: 'second' },
    ],
  },
];
