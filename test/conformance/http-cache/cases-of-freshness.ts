/** For how long what is kept may be used, and what a request may add to that (RFC 9111 sections 4.2, 5.1 to 5.4). */
import {
  at,
  type CacheCase,
  type CaseAnswer,
  type CaseFields,
  type CaseStep,
} from '../../support/cache-case.ts';

/** An answer with these fields is still used after so many seconds, and no longer after so many. */
function fresh(
  section: string,
  says: string,
  { fields, until, target = '/' }: { fields: CaseFields; until: number; target?: string },
): CacheCase {
  const steps: CaseStep[] = [
    { target, upstream: { fields, body: 'a' } },
    { target, wait: until - 1, body: 'a' },
    { target, wait: 2, upstream: { body: 'b' }, body: 'b' },
  ];
  return { section, says, steps: until === 0 ? [steps[0]!, { ...steps[2]!, wait: 1 }] : steps };
}

const dated = { date: at(0) };

function asked(
  section: string,
  says: string,
  steps: readonly CaseStep[],
  answer: CaseAnswer = hour,
): CacheCase {
  return { section, says, steps: [{ upstream: { body: 'a', ...answer } }, ...steps] };
}
const hour: CaseAnswer = { fields: { 'cache-control': 'max-age=3600' } };
const again: CaseStep = { upstream: { body: 'b' }, body: 'b' };

export const casesOfFreshness: readonly CacheCase[] = [
  fresh('5.2.2.1', 'max-age', { fields: { 'cache-control': 'max-age=60' }, until: 60 }),
  fresh('5.2.2.1', 'max-age in quotes', { fields: { 'cache-control': 'max-age="60"' }, until: 60 }),
  fresh('5.2', 'names of directives in any case', { fields: { 'cache-control': 'MAX-AGE=60' }, until: 60 }),
  fresh('4.2.1', 'max-age counts before Expires', {
    fields: { ...dated, 'cache-control': 'max-age=60', expires: at(600) },
    until: 60,
  }),
  fresh('5.2.2.10', 's-maxage counts before max-age', {
    fields: { 'cache-control': 'max-age=600, s-maxage=60' },
    until: 60,
  }),
  fresh('5.2.2.10', 's-maxage counts before Expires', {
    fields: { ...dated, 'cache-control': 's-maxage=60', expires: at(600) },
    until: 60,
  }),
  fresh('5.3', 'Expires', { fields: { ...dated, expires: at(60) }, until: 60 }),
  fresh('5.3', 'Expires counts from the Date of the answer', {
    fields: { date: at(-30), expires: at(60) },
    until: 60,
  }),
  fresh('5.3', 'Expires without a Date counts from the receipt', { fields: { expires: at(60) }, until: 60 }),
  fresh('5.3', 'Expires: 0 is over', { fields: { ...dated, expires: '0' }, until: 0 }),
  fresh('5.3', 'Expires: -1 is over', { fields: { ...dated, expires: '-1' }, until: 0 }),
  fresh('5.3', 'an Expires that is no date is over', { fields: { ...dated, expires: 'tomorrow' }, until: 0 }),
  fresh('5.3', 'two lines of Expires are over', {
    fields: { ...dated, expires: [at(60), at(600)] },
    until: 0,
  }),
  fresh('5.3', 'an Expires at its Date is over', { fields: { ...dated, expires: at(0) }, until: 0 }),
  fresh('RFC 9110 5.6.7', 'a date in the form of RFC 850', {
    fields: { ...dated, expires: 'Monday, 01-Jun-26 12:01:00 GMT' },
    until: 60,
  }),
  fresh('RFC 9110 5.6.7', 'a date in the form of asctime', {
    fields: { ...dated, expires: 'Mon Jun  1 12:01:00 2026' },
    until: 60,
  }),
  fresh('RFC 9110 5.6.7', 'a day that no month has is no date', {
    fields: { ...dated, expires: 'Mon, 31 Jun 2026 12:01:00 GMT' },
    until: 0,
  }),
  fresh('4.2.1', 'a max-age that is no number is stale', {
    fields: { 'cache-control': 'max-age=abc' },
    until: 0,
  }),
  fresh('4.2.1', 'a max-age below 0 is stale', { fields: { 'cache-control': 'max-age=-5' }, until: 0 }),
  fresh('4.2.1', 'a max-age with a fraction is stale', {
    fields: { 'cache-control': 'max-age=1.5' },
    until: 0,
  }),
  fresh('4.2.1', 'two max-age that differ are stale', {
    fields: { 'cache-control': 'max-age=600, max-age=60' },
    until: 0,
  }),
  fresh('5.2', 'a number with nothing before it is stale', {
    fields: { 'cache-control': 'max-age=' },
    until: 0,
  }),
  {
    section: '1.2.2',
    says: 'a lifetime beyond 31 bits is a long one',
    steps: [
      { upstream: { fields: { 'cache-control': 'max-age=99999999999999999999' }, body: 'a' } },
      { wait: 86_400 * 365, body: 'a' },
    ],
  },
  fresh('4.2.2', 'a guess is a tenth of the time since the last modification', {
    fields: { ...dated, 'last-modified': at(-600) },
    until: 60,
  }),
  fresh('4.2.2', 'a guess has a bound', {
    fields: { ...dated, 'last-modified': at(-86_400 * 365) },
    until: 3_600,
  }),
  fresh('4.2.2', 'no guess about a target with a query', {
    target: '/list?page=1',
    fields: { ...dated, 'last-modified': at(-86_400) },
    until: 0,
  }),
  fresh('4.2.2', 'no guess from a modification in the future', {
    fields: { ...dated, 'last-modified': at(600) },
    until: 0,
  }),
  fresh('5.1', 'Age of the upstream’s answer is time gone by', {
    fields: { age: '40', 'cache-control': 'max-age=100' },
    until: 60,
  }),
  fresh('4.2.3', 'a Date in the past is time gone by', {
    fields: { date: at(-40), 'cache-control': 'max-age=100' },
    until: 60,
  }),
  fresh('4.2.3', 'the larger of the two counts', {
    fields: { date: at(-40), age: '10', 'cache-control': 'max-age=100' },
    until: 60,
  }),
  fresh('4.2.3', 'a Date in the future adds nothing', {
    fields: { date: at(500), 'cache-control': 'max-age=60' },
    until: 60,
  }),
  fresh('5.1', 'of several Age values the first counts', {
    fields: { age: ['40', '1'], 'cache-control': 'max-age=100' },
    until: 60,
  }),
  fresh('5.1', 'an Age that is no number is none', {
    fields: { age: 'old', 'cache-control': 'max-age=60' },
    until: 60,
  }),
  {
    section: '4.2.3',
    says: 'the time that the upstream took counts',
    steps: [
      { upstream: { fields: { age: '0', 'cache-control': 'max-age=60' }, body: 'a', takes: 10 } },
      { wait: 49, body: 'a' },
      { wait: 2, ...again },
    ],
  },
  {
    section: '5.1',
    says: 'an answer from the store says its Age',
    steps: [
      { upstream: { fields: { age: '5', 'cache-control': 'max-age=60' }, body: 'a' } },
      { wait: 10, gives: { age: '15' } },
      { wait: 10, gives: { age: '25' } },
    ],
  },
  {
    section: '4',
    says: 'an answer from the store keeps its Date',
    steps: [
      { upstream: { fields: { ...hour.fields, ...dated }, body: 'a' } },
      { wait: 10, gives: { date: at(0) } },
    ],
  },
  {
    section: 'RFC 9110 6.6.1',
    says: 'an answer without a Date gets that of its receipt',
    steps: [
      { upstream: { ...hour, body: 'a' }, gives: { date: at(0) } },
      { wait: 10, gives: { date: at(0) } },
    ],
  },
  asked('5.2.1.1', 'max-age of the request: what is older is not used', [
    { wait: 30, fields: { 'cache-control': 'max-age=60' }, body: 'a' },
    { wait: 60, fields: { 'cache-control': 'max-age=60' }, ...again },
  ]),
  asked('5.2.1.1', 'max-age=0 of the request asks the upstream', [
    { wait: 1, fields: { 'cache-control': 'max-age=0' }, ...again },
  ]),
  asked('5.2.1.3', 'min-fresh: what would soon be stale is not used', [
    { wait: 3_000, fields: { 'cache-control': 'min-fresh=600' }, body: 'a' },
    { wait: 300, fields: { 'cache-control': 'min-fresh=600' }, ...again },
  ]),
  asked('5.2.1.4', 'no-cache of the request asks the upstream', [
    { wait: 1, fields: { 'cache-control': 'no-cache' }, ...again },
  ]),
  asked('5.4', 'Pragma: no-cache without Cache-Control asks the upstream', [
    { wait: 1, fields: { pragma: 'no-cache' }, ...again },
  ]),
  asked('5.4', 'Pragma beside Cache-Control says nothing', [
    { wait: 1, fields: { pragma: 'no-cache', 'cache-control': 'max-age=60' }, body: 'a' },
  ]),
  asked('5.4', 'Pragma of an answer says nothing', [{ wait: 1, body: 'a' }], {
    fields: { ...hour.fields, pragma: 'no-cache' },
  }),
  asked('5.2.1.5', 'no-store of the request: what is kept may still be used', [
    { wait: 1, fields: { 'cache-control': 'no-store' }, body: 'a' },
  ]),
  asked('5.2.1.7', 'only-if-cached: what is kept is given', [
    { wait: 1, fields: { 'cache-control': 'only-if-cached' }, status: 200, body: 'a' },
  ]),
  {
    section: '5.2.1.7',
    says: 'only-if-cached: 504 when nothing is kept',
    steps: [{ fields: { 'cache-control': 'only-if-cached' }, status: 504 }],
  },
  asked('5.2.1.7', 'only-if-cached: 504 when what is kept is stale', [
    { wait: 3_601, fields: { 'cache-control': 'only-if-cached' }, status: 504 },
  ]),
  asked('5.2.2.4', 'no-cache of the answer: each use is validated', [{ wait: 1, ...again }], {
    fields: { 'cache-control': 'no-cache, max-age=60', etag: '"1"' },
  }),
  asked('5.2.2.4', 'no-cache with field names counts as no-cache', [{ wait: 1, ...again }], {
    fields: { 'cache-control': 'no-cache="set-cookie", max-age=60', etag: '"1"' },
  }),
];
