import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../src/process/addresses/canonical-address.ts';
import { readProxyHeader } from '../../src/proxy/listener/proxy-protocol/proxy-header.ts';
import { connectionStarts } from '../support/proxy-headers.ts';
import { referenceProxyHeader } from '../support/reference-proxy-header.ts';

const runs = 1_000_000;
const mostGrowthBytes = 64 * 1024 * 1024;

describe('B4 the reader of PROXY headers', () => {
  it('reads a million connection starts as the slow reference does, and keeps nothing of them', () => {
    let heapBefore = 0;
    let count = 0;
    fc.assert(
      fc.property(connectionStarts, (bytes) => {
        count += 1;
        if (count === runs / 10) heapBefore = process.memoryUsage().heapUsed;
        const expected = referenceProxyHeader(bytes);
        const header = readProxyHeader(bytes);
        if (typeof expected === 'string') return header.kind === expected;
        const client = expected.client === undefined ? undefined : canonicalAddress(expected.client);
        return (
          header.kind === 'header' &&
          header.client === client &&
          header.length === bytes.length - expected.rest.length
        );
      }),
      { numRuns: runs },
    );
    expect(count).toBeGreaterThanOrEqual(runs);
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(mostGrowthBytes);
  }, 1_200_000);
});
