import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameLengthMost, preparePlayerName, readPlayerName } from '../../../../src/auth/names/player-name.ts';

const nameOf = (typed: string): string | undefined => {
  const reading = readPlayerName(typed);
  return reading.ok ? reading.name : undefined;
};
const ruleOf = (typed: string): string | undefined => {
  const reading = readPlayerName(typed);
  return reading.ok ? undefined : reading.rule;
};

describe('D7 names', () => {
  it.each([
    ['anna', 'anna'],
    ['Anna', 'anna'],
    ['\uff21dmin', 'admin'],
    ['\uff21\uff24\uff2d\uff29\uff2e', 'admin'],
    ['Rene\u0301', 'ren\u00e9'],
    ['Stra\u00dfe', 'stra\u00dfe'],
    ['\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3', '\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2'],
    ['\u041c\u0430\u0440\u0438\u044f', '\u043c\u0430\u0440\u0438\u044f'],
    ['\uff8a\uff9e\uff85\uff85', '\u30d0\u30ca\u30ca'],
    ['\u6771\u4eac\u30bf\u30ef\u30fc', '\u6771\u4eac\u30bf\u30ef\u30fc'],
    ['\uae40\ucca0\uc218', '\uae40\ucca0\uc218'],
    ['\u0645\u062d\u0645\u062f', '\u0645\u062d\u0645\u062f'],
    ['\u05d3\u05d5\u05d37', '\u05d3\u05d5\u05d37'],
    ['\u0930\u093e\u092e', '\u0930\u093e\u092e'],
    ['a.b-c_d', 'a.b-c_d'],
    ['007', '007'],
  ])('reads %j as %j', (typed, name) => {
    expect(nameOf(typed)).toBe(name);
  });

  it.each([
    ['a Cyrillic letter among Latin ones', '\u0430dmin', 'name.scripts'],
    ['a Greek letter among Latin ones', 'alph\u03b1', 'name.scripts'],
    ['Chinese and Latin', 'a\u6771', 'name.scripts'],
    ['the dotted capital \u0130, which lower case leaves a stray dot of', '\u0130stanbul', 'name.scripts'],
    ['a phonetic look-alike', 'a\u0261e', 'name.scripts'],
    ['Cherokee', '\uab70\uab71', 'name.scripts'],
    ['a zero-width joiner', 'an\u200dna', 'name.characters'],
    ['a zero-width non-joiner', 'an\u200cna', 'name.characters'],
    ['a right-to-left override', '\u202eanna', 'name.characters'],
    ['a no-break space', 'an\u00a0na', 'name.characters'],
    ['a space', 'an na', 'name.characters'],
    ['a trailing space', 'anna ', 'name.characters'],
    ['a trailing dot', 'anna.', 'name.characters'],
    ['a leading hyphen', '-anna', 'name.characters'],
    ['two separators', 'an..na', 'name.characters'],
    ['NUL', 'an\u0000na', 'name.characters'],
    ['a lone surrogate', 'an\ud800na', 'name.characters'],
    ['a line break', 'an\nna', 'name.characters'],
    ['a soft hyphen', 'an\u00adna', 'name.characters'],
    ['a ligature', 'o\ufb03ce', 'name.characters'],
    ['mathematical letters', '\ud835\udc1a\ud835\udc1b', 'name.characters'],
    ['Arabic-Indic digits', '\u0661\u0662', 'name.characters'],
    ['an emoji', 'anna\ud83d\ude00', 'name.characters'],
    ['markup', '<b>anna', 'name.characters'],
    ['a stack of marks', `\u0e01${'\u0e34'.repeat(5)}\u0e01`, 'name.characters'],
    ['right-to-left and left-to-right', '\u05d0b', 'name.characters'],
    ['right-to-left text that begins with a digit', '7\u05d0\u05d1', 'name.characters'],
    ['nothing', '', 'name.characters'],
    ['one character', 'a', 'name.length'],
    ['33 characters', 'a'.repeat(33), 'name.length'],
    ['65 characters', 'a'.repeat(65), 'name.length'],
    ['a megabyte', 'a'.repeat(1_048_576), 'name.length'],
  ])('refuses %s', (_what, typed, rule) => {
    expect(ruleOf(typed)).toBe(rule);
    expect(() => preparePlayerName(typed)).toThrow(expect.objectContaining({ code: 'name_refused', rule }));
  });

  it.each(['admin', '\uff21dmin', 'Ad-Min', 'adrnin', 'r00t', 'un.known', 'castling', 'rn0d'])(
    'keeps %j back from who registers, since it speaks for somebody else',
    (typed) => {
      const rule = 'name.reserved';
      expect(readPlayerName(typed).ok).toBe(true);
      expect(() => preparePlayerName(typed)).toThrow(expect.objectContaining({ code: 'name_refused', rule }));
    },
  );

  it.each(['administratrix', 'adam', 'guesthouse', 'rooty', 'mei'])('takes %j', (typed) => {
    expect(preparePlayerName(typed).name).toBe(typed);
  });

  it('takes the longest name and no longer one', () => {
    expect(nameOf('a'.repeat(nameLengthMost))).toHaveLength(nameLengthMost);
  });

  it('maps once: a canonical name is read as itself', () => {
    fc.assert(
      fc.property(anyName, (typed) => {
        const reading = readPlayerName(typed);
        if (reading.ok) expect(readPlayerName(reading.name)).toEqual(reading);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads composed and decomposed, lower and upper case alike', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abcz09éüñçåøđ'), minLength: 2, maxLength: 20 }),
        (typed) => {
          const name = nameOf(typed);
          expect(name).toBeDefined();
          expect(nameOf(typed.normalize('NFD'))).toBe(name);
          expect(nameOf(typed.toUpperCase())).toBe(name);
        },
      ),
    );
  });
});

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x24ff }).map((code) => String.fromCodePoint(code)),
    maxLength: 6,
  }),
  fc.string({ unit: fc.constantFrom(...'aAbßİıſΣσςἀΐЯяѓאבَمｱﾞＡ０1-_.'), maxLength: 8 }),
);
