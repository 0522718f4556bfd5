import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pseudonym } from '../../../../src/protocol/ids.ts';
import { DisplayNames, unknownName } from '../../../../src/proxy/feeds/display-names.ts';

const ada = 'y_ada' as Pseudonym;
const bob = 'y_bob' as Pseudonym;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('DisplayNames', () => {
  it('calls back at once when every name is known, and asks once for one that is not', async () => {
    const nameOf = vi.fn(async () => 'Bob');
    const names = new DisplayNames({ nameOf });
    names.remember(ada, 'Ada');
    const callback = vi.fn((lookUp: (pseudonym: Pseudonym) => string) => [lookUp(ada), lookUp(bob)]);
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
      const callback = vi.fn((lookUp: (pseudonym: Pseudonym) => string) => lookUp(ada));
      names.resolve([ada], callback);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(callback.mock.results.map(({ value }) => value)).toEqual([unknownName]);
    },
  );

  it('forgets the name that was used least recently', async () => {
    const nameOf = vi.fn(async () => 'asked');
    const names = new DisplayNames({ nameOf, most: 2 });
    const carol = 'y_carol' as Pseudonym;
    names.remember(ada, 'Ada');
    names.remember(bob, 'Bob');
    names.resolve([ada], () => {});
    names.remember(carol, 'Carol');
    names.resolve([ada, carol], () => {});
    expect(nameOf).not.toHaveBeenCalled();
    names.resolve([bob], () => {});
    expect(nameOf).toHaveBeenCalledExactlyOnceWith(bob);
  });
});
