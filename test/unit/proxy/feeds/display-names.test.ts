import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pseudonym } from '../../../../src/protocol/ids.ts';
import { DisplayNames, type NameOf, unknownPlayer } from '../../../../src/proxy/feeds/display-names.ts';

const ada = 'y_ada' as Pseudonym;
const bob = 'y_bob' as Pseudonym;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('DisplayNames', () => {
  it('calls back at once when every name is known, and asks once for one that is not', async () => {
    const nameOf = vi.fn(async () => ({ name: 'Bob' }));
    const names = new DisplayNames({ nameOf });
    names.remember(ada, { name: 'Ada' });
    const callback = vi.fn((lookUp: NameOf) => [lookUp(ada).name, lookUp(bob).name]);
    names.resolve([ada], callback);
    expect(callback).toHaveBeenCalledTimes(1);
    names.resolve([ada, bob], callback);
    names.resolve([bob], callback);
    expect(callback).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(callback.mock.results.slice(1).map(({ value }) => value)).toEqual([
      ['Ada', 'Bob'],
      ['Ada', 'Bob'],
    ]);
    expect(nameOf).toHaveBeenCalledExactlyOnceWith(bob);
  });

  it.each([
    ['unknown to the accounts', async () => undefined],
    ['not to be had', () => Promise.reject(new Error('the store is away'))],
    ['never answered', () => new Promise<never>(() => {})],
  ])(
    'a name that is %s holds nothing up for long, and no pseudonym takes its place',
    async (_what, nameOf) => {
      const onFailure = vi.fn();
      const names = new DisplayNames({ nameOf, onFailure, patienceMs: 2_000 });
      const callback = vi.fn((lookUp: NameOf) => lookUp(ada));
      names.resolve([ada], callback);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(callback.mock.results.map(({ value }) => value)).toEqual([unknownPlayer]);
    },
  );

  it('looks a changed name up anew, and does not take what was asked for before the change', async () => {
    const first = Promise.withResolvers<{ name: string }>();
    const nameOf = vi.fn<() => Promise<{ name: string; guest?: true }>>(() => first.promise);
    const names = new DisplayNames({ nameOf });
    const shown = vi.fn((lookUp: NameOf) => lookUp(ada));
    names.resolve([ada], () => {});
    names.forget(ada);
    nameOf.mockResolvedValue({ name: 'ada' });
    names.resolve([ada], shown);
    first.resolve({ name: 'brisk-otter' });
    await vi.advanceTimersByTimeAsync(1);
    names.resolve([ada], shown);
    expect(shown.mock.results.map(({ value }) => value)).toEqual([{ name: 'ada' }, { name: 'ada' }]);
    expect(nameOf).toHaveBeenCalledTimes(2);
  });

  it('shows an old name while it looks whether it still holds', async () => {
    let now = 0;
    const nameOf = vi.fn(async () => ({ name: 'ada' }));
    const names = new DisplayNames({ nameOf, freshMs: 1_000, now: () => now });
    names.remember(ada, { name: 'brisk-otter', guest: true });
    const shown = vi.fn((lookUp: NameOf) => lookUp(ada).name);
    now = 1_000;
    names.resolve([ada], shown);
    expect(nameOf).not.toHaveBeenCalled();
    now = 1_001;
    names.resolve([ada], shown);
    await vi.advanceTimersByTimeAsync(1);
    names.resolve([ada], shown);
    expect(shown.mock.results.map(({ value }) => value)).toEqual(['brisk-otter', 'brisk-otter', 'ada']);
    expect(nameOf).toHaveBeenCalledTimes(1);
  });

  it('forgets the name that was used least recently', async () => {
    const nameOf = vi.fn(async () => ({ name: 'asked' }));
    const names = new DisplayNames({ nameOf, most: 2 });
    const carol = 'y_carol' as Pseudonym;
    names.remember(ada, { name: 'Ada' });
    names.remember(bob, { name: 'Bob' });
    names.resolve([ada], () => {});
    names.remember(carol, { name: 'Carol' });
    names.resolve([ada, carol], () => {});
    expect(nameOf).not.toHaveBeenCalled();
    names.resolve([bob], () => {});
    expect(nameOf).toHaveBeenCalledExactlyOnceWith(bob);
  });
});
