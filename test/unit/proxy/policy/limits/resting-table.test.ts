import { describe, expect, it } from 'vitest';
import { RestingTable } from '../../../../../src/proxy/policy/limits/resting-table.ts';

function table(isWorthKeeping: (value: { name: string }) => boolean = () => true) {
  return new RestingTable<string, { name: string }>({
    make: (name) => ({ name }),
    isWorthKeeping,
    mostResting: 2,
  });
}

describe('RestingTable', () => {
  it('gives everybody the same value while it is in use, however many others come', () => {
    const values = table();
    const ada = values.acquire('ada');
    for (let count = 0; count < 100; count += 1) {
      values.acquire(`stranger ${count}`);
      values.release(`stranger ${count}`);
    }
    expect(values.acquire('ada')).toBe(ada);
    expect(values.users('ada')).toBe(2);
    values.release('ada');
    expect(values.users('ada')).toBe(1);
    expect(values.inUse).toBe(1);
    expect(values.resting).toBe(2);
  });

  it('remembers the ones that went last, and gives them back', () => {
    const values = table();
    const went = ['ada', 'bob', 'eve'].map((name) => values.acquire(name));
    for (const name of ['ada', 'bob', 'eve']) values.release(name);
    expect(values.acquire('bob')).toBe(went[1]);
    expect(values.acquire('eve')).toBe(went[2]);
    expect(values.acquire('ada')).not.toBe(went[0]);
  });

  it('keeps to its bound for a million strangers, in time that does not grow with their number', () => {
    const values = table();
    for (let count = 0; count < 1_000_000; count += 1) {
      values.acquire(`${count}`);
      values.release(`${count}`);
    }
    expect(values.resting).toBe(2);
    expect(values.inUse).toBe(0);
  });

  it('forgets at once what is not worth keeping, and takes a release too many', () => {
    const values = table(() => false);
    const ada = values.acquire('ada');
    values.release('ada');
    values.release('ada');
    expect(values.resting).toBe(0);
    expect(values.acquire('ada')).not.toBe(ada);
  });
});
