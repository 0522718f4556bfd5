import { describe, expect, it } from 'vitest';
import type { RouteUse } from '../../../../src/auth/index.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import type { PlayerId } from '../../../../src/protocol/ids.ts';
import { TunnelAccounts } from '../../../../src/proxy/tunnel/tunnel-accounts.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

const ada = 'p_ada' as PlayerId;
const grace = 'p_grace' as PlayerId;

function setUp() {
  const timers = new ManualTimers();
  const written: RouteUse[][] = [];
  const lost: number[] = [];
  const store = { fails: false };
  let log = '';
  const accounts = new TunnelAccounts({
    record: async (uses) => {
      if (store.fails) throw new Error('disk full');
      written.push([...uses]);
    },
    onLost: (uses) => lost.push(uses),
    logger: createLogger({
      name: 'test',
      level: 'info',
      destination: {
        write: (line: string) => {
          log += line;
        },
      },
      pretty: false,
    }),
    timers,
  });
  /** Lets time pass, and what it started come to its end. */
  const pass = async (ms: number) => {
    timers.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { accounts, written, lost, store, pass, log: () => log };
}

describe('the accounts of players', () => {
  it('are written every ten seconds, while tunnels are open, each byte and millisecond once', async () => {
    const { accounts, written, pass } = setUp();
    const meter = accounts.begin({ player: ada, route: 'chess' });
    meter.bytesUp += 5;
    await pass(10_000);
    meter.bytesUp += 1;
    meter.bytesDown += 7;
    await pass(4_000);
    accounts.end(meter);
    accounts.end(meter);
    await pass(6_000);
    await pass(60_000);
    const of = { player: ada, route: 'chess' };
    expect(written).toEqual([
      [{ ...of, connections: 1, bytesUp: 5, bytesDown: 0, ms: 10_000 }],
      [{ ...of, connections: 0, bytesUp: 1, bytesDown: 7, ms: 4_000 }],
    ]);
  });

  it('add up the tunnels of one player, and keep routes and players apart', async () => {
    const { accounts, written, pass } = setUp();
    for (const [player, route] of [
      [ada, 'chess'],
      [ada, 'chess'],
      [ada, 'go'],
      [grace, 'chess'],
    ] as const) {
      accounts.begin({ player, route }).bytesDown += 3;
    }
    expect([accounts.players('chess'), accounts.players('go'), accounts.players('none')]).toEqual([2, 1, 0]);
    await pass(10_000);
    expect(written[0]?.map((use) => [use.player, use.route, use.connections, use.bytesDown])).toEqual([
      [ada, 'chess', 2, 6],
      [ada, 'go', 1, 3],
      [grace, 'chess', 1, 3],
    ]);
    expect([accounts.busiest('chess'), accounts.busiest('go'), accounts.busiest('none')]).toEqual([6, 3, 0]);
    await pass(10_000);
    expect(accounts.busiest('chess')).toBe(0);
  });

  it('wait for a store that fails, which the log tells once', async () => {
    const { accounts, written, store, pass, log } = setUp();
    store.fails = true;
    const meter = accounts.begin({ player: ada, route: 'chess' });
    meter.bytesUp += 5;
    await pass(10_000);
    meter.bytesUp += 5;
    await pass(10_000);
    store.fails = false;
    await pass(10_000);
    expect(written).toEqual([
      [{ player: ada, route: 'chess', connections: 1, bytesUp: 10, bytesDown: 0, ms: 30_000 }],
    ]);
    expect(log().match(/cannot be written down/g)).toHaveLength(1);
    expect(log()).toContain('can be written down again');
  });

  it('are bounded while they wait, and what is dropped is counted', async () => {
    const { accounts, written, lost, store, pass } = setUp();
    store.fails = true;
    for (let number = 0; number < 10_003; number += 1) {
      accounts.end(accounts.begin({ player: `p_${number}` as PlayerId, route: 'chess' }));
    }
    expect(lost).toHaveLength(3);
    store.fails = false;
    await pass(10_000);
    expect(written[0]).toHaveLength(10_000);
  });

  it('are written a last time at the end', async () => {
    const { accounts, written, pass } = setUp();
    accounts.begin({ player: ada, route: 'chess' }).bytesUp += 1;
    await accounts.close();
    expect(written).toHaveLength(1);
    await pass(60_000);
    expect(written).toHaveLength(1);
  });
});
