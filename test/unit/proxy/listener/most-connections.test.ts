import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptorLimit } from '../../../../src/process/descriptor-limit.ts';
import { listenerLimits } from '../../../../src/proxy/listener/listener-limits.ts';
import { mostConnections } from '../../../../src/proxy/listener/most-connections.ts';

describe('B15 mostConnections', () => {
  it('leaves descriptors to the rest of the process, whatever the limit', () => {
    expect(mostConnections(256)).toBe(160);
    expect(mostConnections(64)).toBe(32);
    expect(mostConnections(Number.POSITIVE_INFINITY)).toBe(listenerLimits.connections);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1_000_000 }), (descriptors) => {
        const most = mostConnections(descriptors);
        expect(most).toBeGreaterThan(0);
        expect(descriptors - most).toBeGreaterThanOrEqual(Math.min(96, descriptors / 2));
        expect(most).toBeLessThanOrEqual(listenerLimits.connections);
      }),
    );
  });

  it('knows the limit of this process', () => {
    expect(descriptorLimit()).toBeGreaterThan(64);
  });
});
