import { describe, expect, it } from 'vitest';
import { runInNamespace } from '../support/network-namespace.ts';
import type { SlowReader } from '../support/slow-reader.ts';

/** Two thousand events are more than this beside what the kernel keeps, and less than the default of a mebibyte. */
const bound = 128 * 1024;

describe('B13 a spectator stops reading', () => {
  it('for 2,000 events: little is kept for it, then it is closed with the code that says so, and all is given back; players do not notice', async () => {
    const result = await runInNamespace<SlowReader>('slow-reader.ts', ['2000', String(bound)]);
    expect(result.events).toBe(2_000);
    expect(result.mostWaiting).toBeGreaterThan(bound / 4);
    expect(result.mostWaiting).toBeLessThanOrEqual(bound);
    expect(result).toMatchObject({ code: 4002, closings: '1', waiting: 0 });
    // Twice, and the hiccups of a machine that runs other tests beside.
    expect(result.p99.beside).toBeLessThan(2 * result.p99.alone + 20);
    // The test's players and the match's own log are in it.
    expect(result.grown).toBeLessThan(48 * 1024 * 1024);
  });
});
