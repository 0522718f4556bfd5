import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendCycle } from '../support/backend-cycle.ts';
import { checkHistory } from '../support/history.ts';
import { MatchLoad, seeded } from '../support/match-load.ts';

/** The n-th sync of the backend's life fails; what comes after it would succeed. */
const failing = (call: number) => [
  ...['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync'],
  ...['-e', `inject=fsync,fdatasync:error=EIO:when=${call}`],
];

describe('R8 after a sync that failed the backend acknowledges nothing more and ends', () => {
  const cycle = new BackendCycle();
  beforeAll(() => cycle.start());
  afterAll(() => cycle.remove());

  it.each([6, 9, 23])(
    'and what it had acknowledged is there when it starts again (sync %i)',
    async (call) => {
      await cycle.restart({ wrapper: failing(call) });
      const load = new MatchLoad({ name: `sync-${call}`, pairs: 4, link: cycle.link, random: seeded(call) });
      const playing = load.run();
      expect(await cycle.backend.ended).toBe(1);
      expect(cycle.backend.log).toContain('outcome unknown; ending');
      load.stop();
      await cycle.restart();
      await playing;
      expect(checkHistory(await load.history(await cycle.link()))).toEqual([]);
    },
  );
});
