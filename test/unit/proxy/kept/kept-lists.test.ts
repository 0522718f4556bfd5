import { describe, expect, it } from 'vitest';
import { refuse } from '../../../../src/protocol/refusals.ts';
import {
  KeptLists,
  type ListItems,
  type ListReceiver,
  type ListWanted,
  listFreshMs,
  listStaleMs,
} from '../../../../src/proxy/kept/kept-lists.ts';

const live: ListWanted = { filter: 'live', game: undefined, limit: 50 };

class Rig {
  now = 1_000;
  readonly asked: Parameters<ConstructorParameters<typeof KeptLists>[0]['ask']>[1][] = [];
  readonly lists = new KeptLists({
    ask: (_wanted, receiver) => void this.asked.push(receiver),
    now: () => this.now,
  });
  readonly heard: string[] = [];

  get(wanted = live): void {
    this.lists.get(wanted, this.receiver());
  }

  receiver(): ListReceiver {
    return {
      given: (items, source) => void this.heard.push(`${nameOf(items)} ${source}`),
      refused: ({ code }) => void this.heard.push(code),
    };
  }

  answer(index: number, name: string): void {
    this.asked[index]?.arrived(named(name));
  }
}

const named = (name: string) => [{ match: name }] as unknown as ListItems;
const nameOf = ([item]: ListItems) => item?.match;

describe('a list of matches', () => {
  it('is asked for once for all who want it in the same moment', () => {
    const rig = new Rig();
    for (let count = 0; count < 3; count += 1) rig.get();
    expect(rig.asked).toHaveLength(1);
    rig.answer(0, 'a');
    expect(rig.heard).toEqual(['a miss', 'a coalesced', 'a coalesced']);
    rig.get();
    expect(rig.heard.at(-1)).toBe('a hit');
    rig.get({ ...live, limit: 10 });
    rig.get({ ...live, filter: 'open' });
    expect(rig.asked).toHaveLength(3);
  });

  it('is given again while it is new, and for a while longer while one request brings another', () => {
    const rig = new Rig();
    rig.get();
    rig.answer(0, 'a');
    rig.now += listFreshMs;
    rig.get();
    expect([rig.heard.at(-1), rig.asked.length]).toEqual(['a hit', 1]);
    rig.now += 1;
    rig.get();
    rig.get();
    expect([rig.heard.slice(-2), rig.asked.length]).toEqual([['a stale', 'a stale'], 2]);
    rig.answer(1, 'b');
    rig.get();
    expect(rig.heard.at(-1)).toBe('b hit');
  });

  it('that is too old is waited for, and its age counts from when it was asked for', () => {
    const rig = new Rig();
    rig.get();
    rig.now += listStaleMs + 1;
    rig.answer(0, 'a');
    rig.get();
    expect(rig.heard).toEqual(['a miss']);
    expect(rig.asked).toHaveLength(2);
  });

  it('that has changed is neither given nor waited for by who asks after that', () => {
    const rig = new Rig();
    rig.get();
    rig.lists.changed(['live']);
    rig.get();
    expect(rig.asked).toHaveLength(2);
    rig.answer(1, 'new');
    rig.answer(0, 'old');
    expect(rig.heard).toEqual(['new miss', 'old miss']);
    rig.get();
    expect(rig.heard.at(-1)).toBe('new hit');
    rig.lists.changed(['open', 'mine']);
    rig.get();
    expect(rig.heard.at(-1)).toBe('new hit');
    rig.lists.changed(['live']);
    rig.get();
    expect(rig.asked).toHaveLength(3);
  });

  it('that is asked for anew does not come from what is under way', () => {
    const rig = new Rig();
    rig.get();
    rig.now += 1;
    rig.lists.fresh(live, rig.receiver());
    expect(rig.asked).toHaveLength(2);
    rig.answer(1, 'new');
    rig.answer(0, 'old');
    rig.get();
    expect(rig.heard).toEqual(['new miss', 'old miss', 'new hit']);
  });

  it('that is refused is refused to all who wait, and asked for again', () => {
    const rig = new Rig();
    rig.get();
    rig.get();
    rig.asked[0]?.refused(refuse('backend_unavailable', { retryAfterMs: 1 }));
    expect(rig.heard).toEqual(['backend_unavailable', 'backend_unavailable']);
    rig.get();
    expect(rig.asked).toHaveLength(2);
  });

  it('is one of so many', () => {
    const rig = new Rig();
    for (let limit = 0; limit < 1_000; limit += 1) {
      rig.get({ ...live, limit });
      rig.answer(limit, 'a');
    }
    rig.get({ ...live, limit: 999 });
    rig.get({ ...live, limit: 0 });
    expect(rig.asked).toHaveLength(1_001);
  });
});
