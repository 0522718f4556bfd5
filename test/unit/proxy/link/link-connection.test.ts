import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedLinkSoup, linkSoup } from '../../../support/link-soup.ts';

describe('the proxy’s end of the link', () => {
  it('loses one connection at worst, whatever a backend sends', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(linkSoup, async (chunks) => {
        outcomes.add(await feedLinkSoup(chunks));
      }),
      { numRuns: 1_000 },
    );
    expect([...outcomes].sort()).toEqual(['ended', 'up']);
  });
});
