import type { CacheCase } from '../../support/cache-case.ts';
import { casesOfCacheStatus } from './cases-of-cache-status.ts';
import { casesOfFreshness } from './cases-of-freshness.ts';
import { casesOfInvalidation } from './cases-of-invalidation.ts';
import { casesOfSelection } from './cases-of-selection.ts';
import { casesOfStaleness } from './cases-of-staleness.ts';
import { casesOfStoring } from './cases-of-storing.ts';
import { casesOfValidation } from './cases-of-validation.ts';

export const casesOfHttpCaches: readonly CacheCase[] = [
  ...casesOfStoring,
  ...casesOfFreshness,
  ...casesOfValidation,
  ...casesOfSelection,
  ...casesOfStaleness,
  ...casesOfInvalidation,
  ...casesOfCacheStatus,
];
