import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pageOf } from '../../bench/harness/page-of.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');

it('docs/benchmarks.md is what `npm run bench -- --page` makes of the results', () => {
  expect(readFileSync(join(docs, 'benchmarks.md'), 'utf8')).toBe(pageOf(join(docs, 'benchmarks')));
});
