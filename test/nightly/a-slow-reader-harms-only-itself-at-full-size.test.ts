import { describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import { runInNamespace } from '../support/network-namespace.ts';
import type { SlowReader } from '../support/slow-reader.ts';

describe('B13 a spectator stops reading', () => {
  it('until a mebibyte waits for it', async () => {
    const bound = slownessDefaults.waitingBytes;
    const result = await runInNamespace<SlowReader>('slow-reader.ts', ['9000', String(bound)]);
    expect(result.mostWaiting).toBeGreaterThan(bound / 2);
    expect(result.mostWaiting).toBeLessThanOrEqual(bound);
    expect(result).toMatchObject({ code: 4002, closings: '1', waiting: 0 });
    expect(result.p99.beside).toBeLessThan(2 * result.p99.alone + 5);
  });
});
