import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTraceparent, writeTraceparent } from '../../../../src/process/traces/trace-parent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent of W3C Trace Context', () => {
  it('reads the example of the recommendation, and writes it', () => {
    const text = `00-${traceId}-${spanId}-01`;
    expect(readTraceparent(text)).toEqual({ traceId, spanId, isSampled: true });
    expect(writeTraceparent({ traceId, spanId, isSampled: true })).toBe(text);
    expect(readTraceparent(`00-${traceId}-${spanId}-00`)?.isSampled).toBe(false);
  });

  it.each([
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-0`,
    '',
  ])('refuses %s', (text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });

  it('reads any text without failing, and only what it would write', () => {
    const nearly = fc.stringMatching(/^0[0f]-[0-9a-f]{31,33}-[0-9a-f]{16}-[0-9a-f]{2}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const read = readTraceparent(text);
        if (read !== undefined) expect(writeTraceparent(read).slice(0, 53)).toBe(text.slice(0, 53));
      }),
    );
  });
});
