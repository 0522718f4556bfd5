import { describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import type { DeadPeer } from '../support/dead-peer.ts';
import { runInNamespace } from '../support/network-namespace.ts';

describe('B14 a player’s packets stop arriving, without a FIN', () => {
  it('the socket is closed as silent, and the opponent is told', async () => {
    const { told, online, silent } = await runInNamespace<DeadPeer>('dead-peer.ts');
    expect(online).toHaveLength(1);
    expect(silent).toBe('1');
    // 1.5 s of silence and a third of 300 ms; the rest is for a busy machine.
    expect(told).toBeGreaterThan(1_000);
    expect(told).toBeLessThan(15_000);
  });

  it('within 45 s by default', () => {
    const { silence, pingAfter } = slownessDefaults;
    const closing = 1_000;
    expect(silence + pingAfter / 3 + closing).toBeLessThanOrEqual(45_000);
  });
});
