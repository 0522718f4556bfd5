import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapInUse } from '../support/heap-in-use.ts';
import { readSoup } from '../support/read-soup.ts';
import { settingsSoup } from '../support/settings-soup.ts';

/** The seed is printed, so that a failure can be run again. */
const texts = 1_000_000;
const batch = 10_000;

describe('the settings reader', () => {
  it('takes a million texts without a crash, and without growing', {
    timeout: 3_600_000,
  }, () => {
    const seed = Number(process.env.CASTLING_TEST_SEED ?? Date.now() % 2 ** 31);
    process.stdout.write(`seed ${seed}\n`);
    let refused = 0;
    let warm = 0;
    for (let done = 0; done < texts; done += batch) {
      fc.assert(
        fc.property(settingsSoup(), (text) => {
          if (readSoup(text) > 0) refused += 1;
        }),
        { numRuns: batch, seed: seed + done },
      );
      if (done === 5 * batch) warm = heapInUse();
    }
    expect(refused).toBeGreaterThan(texts / 2);
    expect(refused).toBeLessThan(texts);
    expect(heapInUse()).toBeLessThan(warm + 16 * 1024 * 1024);
  });
});
