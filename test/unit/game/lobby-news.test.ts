import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LobbyNews, type NewsChannel } from '../../../src/game/lobby-news.ts';
import type { Pseudonym } from '../../../src/protocol/ids.ts';
import type { ChangedNotice } from '../../../src/protocol/link-messages.ts';

const ada = 'p_ada' as Pseudonym;
const ben = 'p_ben' as Pseudonym;
const cleo = 'p_cleo' as Pseudonym;

class Watcher implements NewsChannel {
  readonly told: string[][] = [];
  changed({ params }: ChangedNotice): void {
    this.told.push([...params.lists].sort());
  }
}

function lobby() {
  const due: { run: () => void; ms: number }[] = [];
  const news = new LobbyNews({ schedule: (run, ms) => void due.push({ run, ms }) });
  return {
    news,
    waits: () => due.map(({ ms }) => ms),
    /** Lets the time come that was waited for. */
    pass: () => {
      for (const { run } of due.splice(0)) run();
    },
  };
}

describe('news of the lobby', () => {
  it('reach whoever watches, at once after a quiet time and then twice a second at most', () => {
    const { news, waits, pass } = lobby();
    const watcher = new Watcher();
    news.watch(cleo, watcher);
    const match = { visibility: 'public', players: [ada, null] } as const;
    news.happened('created', match);
    expect(waits()).toEqual([0]);
    pass();
    expect(watcher.told).toEqual([['open']]);
    news.happened('joined', match);
    news.happened('started', match);
    expect(waits()).toEqual([500]);
    pass();
    expect(watcher.told).toEqual([['open'], ['live', 'open']]);
    pass();
    expect(waits()).toEqual([]);
  });

  it('of a private match reach its players alone, and moves change no public list', () => {
    const { news, pass } = lobby();
    const [adas, cleos] = [new Watcher(), new Watcher()];
    news.watch(ada, adas);
    news.watch(cleo, cleos);
    news.happened('started', { visibility: 'private', players: [ada, ben] });
    pass();
    news.happened('moved', { visibility: 'public', players: [ada, ben] });
    pass();
    expect(adas.told).toEqual([['mine'], ['mine']]);
    expect(cleos.told).toEqual([]);
  });

  it('end with unwatch, and cost no timer while nobody watches', () => {
    const { news, waits } = lobby();
    const watcher = new Watcher();
    news.watch(ada, watcher);
    news.watch(ada, watcher);
    news.unwatch(watcher);
    news.unwatch(watcher);
    news.happened('started', { visibility: 'public', players: [ada, ben] });
    expect(waits()).toEqual([]);
  });

  it('leave nobody without a word of the last change, whatever the order', () => {
    const types = ['created', 'joined', 'started', 'moved', 'ended'] as const;
    const step = fc.oneof(fc.constantFrom(...types), fc.constant('pass' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { news, pass, waits } = lobby();
        const watcher = new Watcher();
        news.watch(ada, watcher);
        let isOwed = false;
        for (const type of steps) {
          const before = watcher.told.length;
          if (type === 'pass') {
            pass();
            expect(watcher.told.length).toBe(before + (isOwed ? 1 : 0));
          } else {
            news.happened(type, { visibility: 'public', players: [ada, ben] });
            // Whatever is owed has a time at which it will be told.
            expect(waits()).toHaveLength(1);
          }
          isOwed = type !== 'pass';
        }
      }),
    );
  });
});
