import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess } from '../support/cli-process.ts';
import { type RealServer, startRealServer } from '../support/cli-real-server.ts';

let server: RealServer;
beforeAll(async () => {
  server = await startRealServer();
});
afterAll(() => server?.stop());

/** The events of a player's match in the order in which they were printed. */
function eventsOf(player: CliProcess): { seq: number; type: string; move?: number }[] {
  return player.objects
    .filter(({ type }) => type === 'event')
    .map(({ event }) => event as { seq: number; type: string });
}

describe.each(['backend', 'proxy'] as const)('kill -9 of the %s in the middle of a match', (part) => {
  it('loses no move, plays none twice, and asks nothing of the players but to wait', async () => {
    const [ada, bob] = await Promise.all([server.player(`ada-${part}`), server.player(`bob-${part}`)]);
    const x = new CliProcess(['play', 'tic-tac-toe', '--create', '--json'], ada);
    const [, code = ''] = await x.sees(/"code":"([^"]+)"/);
    const o = new CliProcess(['play', 'tic-tac-toe', '--join', code, '--json'], bob);
    x.type('1\n');
    await o.sees('yourTurn');
    // The move is on its way while the process dies.
    o.type('4\n');
    server.kill(part);
    x.type('2\n');
    o.type('5\n');
    x.finish('3\n');
    expect(await x.done).toBe(0);
    o.finish();
    expect(await o.done).toBe(0);
    for (const player of [x, o]) {
      const moves = eventsOf(player).filter(({ type }) => type === 'moved');
      const seqs = eventsOf(player).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
      expect(moves.map(({ move }) => move)).toEqual([0, 3, 1, 4, 2]);
    }
    expect(x.objects.at(-1)).toMatchObject({ type: 'result', outcome: 'won' });
    expect(o.objects.at(-1)).toMatchObject({ type: 'result', outcome: 'lost' });
  });
});
