import { describe, expect, it } from 'vitest';
import { Screen, wrapText } from '../../../../../src/client/cli/play/screen.ts';

function record(columns = 80): { written: string[]; output: { columns: number; write(text: string): void } } {
  const written: string[] = [];
  return { written, output: { columns, write: (text) => void written.push(text) } };
}

describe('a screen', () => {
  it('redraws in place, and only when something has changed', () => {
    const { written, output } = record();
    const screen = new Screen(output);
    screen.draw(['one', 'two']);
    screen.draw(['one', 'two']);
    screen.draw(['one', 'three']);
    screen.close();
    screen.draw(['never']);
    screen.close();
    expect(written).toEqual([
      '\u001b[?25l',
      '\r\u001b[Jone\r\ntwo\r\n',
      '\u001b[2A\r\u001b[Jone\r\nthree\r\n',
      '\u001b[?25h',
    ]);
  });

  it('cuts lines that would wrap', () => {
    const { written, output } = record(4);
    const screen = new Screen(output);
    screen.draw(['\u001b[1mabcdef\u001b[22m']);
    screen.close();
    expect(written[1]).toBe('\r\u001b[Jabcd\r\n');
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('exit');
    for (let round = 0; round < 20; round++) new Screen(record().output).close();
    expect(process.listenerCount('exit')).toBe(before);
  });
});

describe('wrapping', () => {
  it('breaks at spaces and keeps long words whole', () => {
    expect(wrapText('one two three four', 8)).toEqual(['one two', 'three', 'four']);
    expect(wrapText('unbreakable', 4)).toEqual(['unbreakable']);
  });
});
