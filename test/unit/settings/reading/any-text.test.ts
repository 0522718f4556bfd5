import fc from 'fast-check';
import { describe, it } from 'vitest';
import { readSoup } from '../../../support/read-soup.ts';
import { settingsSoup } from '../../../support/settings-soup.ts';

describe('any text as a settings file', () => {
  it('gives settings or mistakes with their places, and nothing else', () => {
    fc.assert(
      fc.property(settingsSoup(), (text) => void readSoup(text)),
      { numRuns: 400 },
    );
  });
});
