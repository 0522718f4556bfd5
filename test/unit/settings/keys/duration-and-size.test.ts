import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDuration, writeDuration } from '../../../../src/settings/keys/duration.ts';
import { readSize, writeSize } from '../../../../src/settings/keys/size.ts';

describe('lengths of time', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
    expect(writeDuration(ms)).toBe(text);
  });

  it.each(['', '10', '10 s', '-1s', '1.5s', '1S', '1min', 's', '1s ', '9999999999s', '1e3s'])(
    'does not take “%s”',
    (text) => {
      expect(readDuration(text)).toBeUndefined();
    },
  );

  it('reads what it has written', () => {
    fc.assert(fc.property(fc.nat({ max: 999_999_999 }), (ms) => readDuration(writeDuration(ms)) === ms));
  });
});

describe('sizes', () => {
  it.each([
    ['512B', 512],
    ['64KiB', 65_536],
    ['4MiB', 4_194_304],
    ['1GiB', 1_073_741_824],
    ['0B', 0],
  ])('%s is %i bytes', (text, bytes) => {
    expect(readSize(text)).toBe(bytes);
    expect(writeSize(bytes)).toBe(text);
  });

  it.each(['', '64', '64KB', '64k', '-1B', '1.5MiB', '64 KiB', '9999999999B'])(
    'does not take “%s”',
    (text) => {
      expect(readSize(text)).toBeUndefined();
    },
  );

  it('reads what it has written', () => {
    fc.assert(fc.property(fc.nat({ max: 999_999_999 }), (bytes) => readSize(writeSize(bytes)) === bytes));
  });
});
