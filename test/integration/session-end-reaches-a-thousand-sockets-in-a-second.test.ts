import { describe, expect, it } from 'vitest';
import { revokeToClose } from '../support/revoke-to-close.ts';

describe('B8 C13 the end of many sessions at once', () => {
  it('closes 1,000 sockets on two proxies within a second, and leaves those of other sessions open', async () => {
    const { sorted, stayed, closedWrongly } = await revokeToClose({ players: 20, socketsOfPlayer: 50 });
    expect(sorted).toHaveLength(1_000);
    expect(sorted.at(-1)).toBeLessThan(1_000);
    expect(closedWrongly).toBe(0);
    expect(stayed).toBe(50);
  });
});
