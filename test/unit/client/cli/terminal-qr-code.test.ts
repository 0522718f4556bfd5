import { stripVTControlCharacters } from 'node:util';
import { generate } from 'lean-qr';
import { describe, expect, it } from 'vitest';
import { terminalQrCode } from '../../../../src/client/cli/terminal-qr-code.ts';

/** The dark halves of each character. */
const halves: Readonly<Record<string, readonly [boolean, boolean]>> = {
  ' ': [false, false],
  '▄': [false, true],
  '▀': [true, false],
  '█': [true, true],
};

describe('a QR code in a terminal', () => {
  it('has every module in its place, and a border of two', async () => {
    const text = 'otpauth://totp/Castling:anna?secret=MZXW6YTBOI';
    const code = generate(text);
    const lines = stripVTControlCharacters(await terminalQrCode(text))
      .split('\n')
      .filter(Boolean)
      .map((line) => [...line].map((character) => halves[character]!));
    const drawn = lines.flatMap((line) => [line.map(([upper]) => upper), line.map(([, lower]) => lower)]);
    expect(drawn[0]).toHaveLength(code.size + 4);
    for (const [row, modules] of drawn.entries()) {
      const expected = modules.map((_, column) => code.get(column - 2, row - 2));
      expect(modules).toEqual(expected);
    }
    expect(drawn.length).toBeGreaterThanOrEqual(code.size + 4);
  });
});
