import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHttpDate } from '../../../../../../src/proxy/routes/http/cache/http-date.ts';

const now = Date.UTC(2026, 5, 1);

describe('an HTTP-date', () => {
  it('is read as it is written', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 11, 31)), noInvalidDate: true }),
        (date) => {
          expect(parseHttpDate(date.toUTCString(), now)).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  it.each([
    ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-80 08:49:37 GMT', Date.UTC(1980, 10, 6, 8, 49, 37)],
    ['Sunday, 06-Nov-70 08:49:37 GMT', Date.UTC(2070, 10, 6, 8, 49, 37)],
    ['Thu, 31 Dec 1998 23:59:60 GMT', Date.UTC(1998, 11, 31, 23, 59, 59)],
  ])('%s is understood', (text, expected) => {
    expect(parseHttpDate(text, now)).toBe(expected);
  });

  it.each([
    ...[
      '',
      '0',
      '-1',
      'tomorrow',
      '2026-06-01',
      'Mon, 31 Jun 2026 00:00:00 GMT',
      'Mon, 01 Jun 2026 24:00:00 GMT',
    ],
    ...['Mon, 01 Jun 2026 00:00:00 UTC', 'mon, 01 jun 2026 00:00:00 gmt', 'Mon, 1 Jun 2026 00:00:00 GMT'],
  ])('%s is none', (text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });
});
