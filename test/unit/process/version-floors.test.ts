import { describe, expect, it } from 'vitest';
import { belowFloor, isAtLeast } from '../../../src/process/version-floors.ts';

describe('G3 floors of versions', () => {
  it.each([
    ['26.12.1', '26.12.1', true],
    ['26.12.10', '26.12.9', true],
    ['27.0.0', '26.12.1', true],
    ['26.9.9', '26.12.1', false],
    ['26.12', '26.12.1', false],
    ['26.12.1-rc.1', '26.12.1', false],
    ['1.10.0', '1.2.1', true],
  ])('%s is at least %s: %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });

  it('names what is older, and says nothing of what a build leaves out', () => {
    expect(belowFloor({ node: '26.10.0', brotli: '1.2.0' }).map(({ part }) => part)).toEqual([
      'Node.js',
      'Brotli',
    ]);
    expect(belowFloor({ node: '26.12.1' })).toEqual([]);
  });
});
