import { describe, expect, it } from 'vitest';
import { RecentDecisions } from '../../../../../src/proxy/policy/decisions/recent-decisions.ts';

function decisions() {
  let now = 0;
  const recent = new RecentDecisions(() => now);
  const note = (requestId: string, differences: object = {}) => {
    now += 1;
    recent.note({ requestId, stage: 'message', outcome: 'refused', code: 'not_your_turn', ...differences });
  };
  return { recent, note };
}

describe('RecentDecisions', () => {
  it('finds what is recent, and lists the newest first, whatever kind they are', () => {
    const { recent, note } = decisions();
    note('r_1');
    note('r_2', { code: 'rate_limited' });
    note('r_3', { stage: 'request', code: 'not_found' });
    note('r_4', { stage: 'backend' });
    for (const id of ['r_1', 'r_2', 'r_3', 'r_4']) expect(recent.find(id)?.requestId).toBe(id);
    expect(recent.find('r_5')).toBeUndefined();
    expect(recent.latest(3).map(({ requestId, at }) => [requestId, at])).toEqual([
      ['r_4', 4],
      ['r_3', 3],
      ['r_2', 2],
    ]);
  });

  it('is not emptied by who floods or who searches a server for what it does not have', () => {
    const { recent, note } = decisions();
    note('r_mine');
    for (let count = 0; count < 20_000; count += 1) {
      note(`r_flood${count}`, { code: count % 2 ? 'rate_limited' : 'flood' });
      note(`r_scan${count}`, { stage: 'request', code: 'not_found' });
    }
    expect(recent.find('r_mine')).toBeDefined();
    expect(recent.find('r_flood19999')).toBeDefined();
    expect(recent.find('r_flood1')).toBeUndefined();
    for (let count = 0; count < 4_096; count += 1) note(`r_other${count}`);
    expect(recent.find('r_mine')).toBeUndefined();
    expect(recent.latest(10_000)).toHaveLength(2_048 + 1_024 + 4_096);
  });
});
