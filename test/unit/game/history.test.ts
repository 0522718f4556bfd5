import { describe, expect, it } from 'vitest';
import { checkHistory, type History } from '../../support/history.ts';

const match = 'm';

/** Two moves, one acknowledged after the other, and one of unknown fate that happened; two who watched. */
function good(): History {
  const log = [
    { seq: 1, text: 'created' },
    { seq: 2, id: 'a', text: 'A' },
    { seq: 3, id: 'b', text: 'B' },
    { seq: 4, id: 'u', text: 'U' },
  ];
  return {
    entries: [
      { kind: 'invoke', id: 'a', at: 1 },
      { kind: 'ok', id: 'a', match, seq: 2, at: 2 },
      { kind: 'invoke', id: 'b', at: 3 },
      { kind: 'ok', id: 'b', match, seq: 3, at: 4 },
      { kind: 'invoke', id: 'u', at: 5 },
      { kind: 'invoke', id: 'never', at: 6 },
      { kind: 'invoke', id: 'r', at: 7 },
      { kind: 'fail', id: 'r', at: 8 },
    ],
    observations: [
      { observer: 'from the start', match, events: log.slice(0, 3) },
      { observer: 'resumed', match, events: log.slice(2) },
    ],
    log: new Map([[match, log]]),
  };
}

function withLog(change: (log: { seq: number; id?: string; text: string }[]) => unknown): History {
  const history = good();
  const log = (history.log.get(match) ?? []).map((event) => ({ ...event })) as Parameters<typeof change>[0];
  change(log);
  return { ...history, log: new Map([[match, log]]), observations: [] };
}

function withSeen(events: History['observations'][number]['events']): History {
  return { ...good(), observations: [{ observer: 'someone', match, events }] };
}

const faults = (history: History) => checkHistory(history).map(({ fault }) => fault);

describe('R2 the history checker has teeth', () => {
  it('passes a good history', () => expect(checkHistory(good())).toEqual([]));

  it.each([
    ['lost', withLog((log) => log.splice(2, 2))],
    ['duplicated', withLog((log) => log.push({ seq: 5, id: 'a', text: 'A' }))],
    ['gap', withLog((log) => log.splice(0, 1))],
    ['phantom', withLog((log) => log.push({ seq: 5, id: 'ghost', text: 'G' }))],
    ['refused but happened', withLog((log) => log.push({ seq: 5, id: 'r', text: 'R' }))],
    [
      'misplaced',
      withLog((log) => Object.assign(log[3]!, { id: 'b' }) && Object.assign(log[2]!, { id: 'u' })),
    ],
    ['forked', withSeen([{ seq: 2, id: 'a', text: 'another A' }])],
    [
      'gap',
      withSeen([
        { seq: 1, text: 'created' },
        { seq: 3, id: 'b', text: 'B' },
      ]),
    ],
    [
      'duplicated',
      withSeen([
        { seq: 2, id: 'a', text: 'A' },
        { seq: 2, id: 'a', text: 'A' },
      ]),
    ],
    ['lost', withSeen([{ seq: 5, id: 'a', text: 'A' }])],
  ])('flags a history that is %s', (fault, history) => expect(faults(history)).toContain(fault));

  it('flags acknowledgements out of order', () => {
    const { entries, ...rest } = good();
    const swapped = entries.map((entry) =>
      entry.kind === 'ok' ? { ...entry, seq: entry.id === 'a' ? 3 : 2 } : entry,
    );
    expect(faults({ ...rest, entries: swapped })).toContain('reordered');
  });

  it('does not flag concurrent commands for either order', () => {
    const entries: History['entries'] = [
      { kind: 'invoke', id: 'a', at: 1 },
      { kind: 'invoke', id: 'b', at: 2 },
      { kind: 'ok', id: 'b', match, seq: 1, at: 3 },
      { kind: 'ok', id: 'a', match, seq: 2, at: 3 },
    ];
    const log = new Map([
      [
        match,
        [
          { seq: 1, id: 'b' },
          { seq: 2, id: 'a' },
        ],
      ],
    ]);
    expect(checkHistory({ entries, observations: [], log })).toEqual([]);
  });
});
