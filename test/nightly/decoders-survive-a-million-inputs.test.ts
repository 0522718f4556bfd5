import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapInUse } from '../support/heap-in-use.ts';
import { feedLinkSoup, linkSoup, readLinkSoup } from '../support/link-soup.ts';
import { messageSoup, readMessageSoup } from '../support/message-soup.ts';

const inputs = 1_000_000;
const batch = 10_000;
const mostGrowthBytes = 16 * 1024 * 1024;

/** Runs them all, and checks that none of them is kept. The seed is printed, so that a failure can be run again. */
async function inBatches(run: (seed: number) => Promise<void>): Promise<void> {
  const seed = Number(process.env.CASTLING_TEST_SEED ?? Date.now() % 2 ** 31);
  process.stdout.write(`seed ${seed}\n`);
  let warm = 0;
  for (let done = 0; done < inputs; done += batch) {
    await run(seed + done);
    if (done === 5 * batch) warm = heapInUse();
  }
  expect(heapInUse()).toBeLessThan(warm + mostGrowthBytes);
}

describe('a million inputs, without a crash and without growing', () => {
  it('to the reader of players’ messages', async () => {
    const kinds = { request: 0, refusal: 0, violation: 0 };
    await inBatches(async (seed) => {
      const one = fc.property(messageSoup, (text) => {
        kinds[readMessageSoup(text)] += 1;
      });
      fc.assert(one, { numRuns: batch, seed });
    });
    for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(inputs / 100);
  });

  it('to the decoder of the link’s frames, which a slow reference is compared with', async () => {
    const ends = { whole: 0, unfinished: 0, frame_too_large: 0, frame_too_small: 0 };
    await inBatches(async (seed) => {
      const one = fc.property(linkSoup, (chunks) => {
        ends[readLinkSoup(chunks)] += 1;
      });
      fc.assert(one, { numRuns: batch, seed });
    });
    for (const count of Object.values(ends)) expect(count).toBeGreaterThan(inputs / 100);
  });

  it('to a proxy, from its backend: they cost their own connection at worst', async () => {
    const outcomes = { up: 0, ended: 0 };
    await inBatches(async (seed) => {
      const one = fc.asyncProperty(linkSoup, async (chunks) => {
        outcomes[await feedLinkSoup(chunks)] += 1;
      });
      await fc.assert(one, { numRuns: batch, seed });
    });
    for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(inputs / 100);
  });
});
