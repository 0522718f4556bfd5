import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableStack } from '../../../src/process/printable.ts';

describe('F3 printable', () => {
  it.each([
    ['a line break', 'ada\r\nFAKE', 'ada\\u000d\\u000aFAKE'],
    ['an escape sequence', '\u001b[2Jgone', '\\u001b[2Jgone'],
    ['its one-byte form', '\u009b2Jgone', '\\u009b2Jgone'],
    ['a direction override', 'abc\u202excb', 'abc\\u202excb'],
    ['NUL and DEL', '\0\u007f', '\\u0000\\u007f'],
  ])('shows %s as text', (_what, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('leaves letters, marks and emoji alone', () => {
    expect(printable('Zoë – Ω – 王 – 🏰')).toBe('Zoë – Ω – 王 – 🏰');
  });

  it('leaves nothing that a terminal acts on', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/\p{Cc}/u.test(printable(text))));
  });
});

describe('printableStack', () => {
  it('keeps the breaks between frames and no other', () => {
    expect(printableStack('Error: a\nFAKE\n    at f (x.ts:1:1)\n    at g')).toBe(
      'Error: a\\u000aFAKE\n    at f (x.ts:1:1)\n    at g',
    );
  });
});

describe('printableJson', () => {
  it('changes how a line is written and not what it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = printableJson(JSON.stringify({ text }));
        expect(JSON.parse(line)).toEqual({ text });
        expect(line).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
      }),
    );
  });
});
