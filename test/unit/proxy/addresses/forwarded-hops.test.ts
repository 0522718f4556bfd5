import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forwardedHops } from '../../../../src/proxy/addresses/forwarded-hops.ts';

describe('forwardedHops', () => {
  it.each([
    ['192.0.2.1', ['192.0.2.1']],
    ['192.0.2.1, 198.51.100.2 ,2001:db8::1', ['192.0.2.1', '198.51.100.2', '2001:db8::1']],
    ['192.0.2.1:4711, [2001:DB8::1]:80, [2001:db8::2]', ['192.0.2.1', '2001:db8::1', '2001:db8::2']],
    ['unknown, 192.0.2.1, <script>, ', [undefined, '192.0.2.1', undefined, undefined]],
    ['', [undefined]],
    ['192.0.2.1 192.0.2.2', [undefined]],
  ])('X-Forwarded-For: %s', (value, hops) => {
    expect(forwardedHops('x-forwarded-for', value)).toEqual(hops);
  });

  // The first six are the examples of RFC 7239 sections 4, 6 and 7.1.
  it.each([
    ['for="_gazonk"', [undefined]],
    ['For="[2001:db8:cafe::17]:4711"', ['2001:db8:cafe::17']],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', ['192.0.2.60']],
    ['for=192.0.2.43, for=198.51.100.17', ['192.0.2.43', '198.51.100.17']],
    ['for=192.0.2.43, for="[2001:db8:cafe::17]"', ['192.0.2.43', '2001:db8:cafe::17']],
    [
      'for=192.0.2.43,for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com',
      ['192.0.2.43', '198.51.100.17'],
    ],
    ['for="192.0.2.43:4711"', ['192.0.2.43']],
    ['for=unknown', [undefined]],
    ['by=203.0.113.43', [undefined]],
    ['secret="a, for=1.2.3.4";for=192.0.2.1', ['192.0.2.1']],
    ['for="\\192.0.2.1"', ['192.0.2.1']],
    ['for=192.0.2.1;, ,for=192.0.2.2', ['192.0.2.1', '192.0.2.2']],
    ['', []],
  ])('Forwarded: %s', (value, hops) => {
    expect(forwardedHops('forwarded', value)).toEqual(hops);
  });

  it.each([
    'for="192.0.2.1',
    'for=192.0.2.1"',
    'for=192.0.2.1;for=192.0.2.2',
    'for=192.0.2.1;FOR=192.0.2.2',
    'for',
    'for=',
    'for = 192.0.2.1',
    '192.0.2.1',
    'for=192.0.2.1 for=192.0.2.2',
    'for=[::1]',
    'for="a\u0000b"',
  ])('Forwarded that cannot be taken apart: %j', (value) => {
    expect(forwardedHops('forwarded', value)).toBeUndefined();
  });

  it('answers any text in a time that grows with its length only', () => {
    const hard = [
      '"',
      '\\',
      ',',
      ';',
      ' ',
      '\t',
      '=',
      'for',
      'for=',
      'for="',
      '\\"',
      '1.2.3.4',
      '[::1]',
      'é',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...hard), { maxLength: 60 }), (parts) => {
        const value = parts.join('');
        for (const field of ['forwarded', 'x-forwarded-for'] as const) {
          const hops = forwardedHops(field, value);
          expect(hops === undefined || hops.length <= value.length + 1).toBe(true);
        }
      }),
    );
    const startedAt = performance.now();
    for (const piece of ['\t ', 'for="\\', 'a=', '""', 'a="', ';,'])
      forwardedHops('forwarded', piece.repeat(8_000));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
