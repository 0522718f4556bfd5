import { stripVTControlCharacters } from 'node:util';
import type { Output } from '../terminal.ts';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseBelow = '\u001b[J';

/**
 * A few lines of the terminal that are drawn again in place. What stood above stays, and the last drawing stays when
 * the screen is closed, so that the final board can still be read afterwards.
 */
export class Screen {
  readonly #output: Output;
  #drawn: readonly string[] = [];
  #open = true;
  readonly #putBack = () => {
    if (this.#open) this.#output.write(showCursor);
  };

  constructor(output: Output) {
    this.#output = output;
    output.write(hideCursor);
    // The last resort: whatever ends the process, the cursor comes back.
    process.once('exit', this.#putBack);
  }

  /** Lines may be styled; they are cut to the terminal's width, since a wrapped line would break the next redraw. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return;
    const columns = this.#output.columns ?? 80;
    const cut = lines.map((line) => cutLine(line, columns));
    if (sameLines(cut, this.#drawn)) return;
    const up = this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A`;
    this.#output.write(`${up}\r${eraseBelow}${cut.map((line) => `${line}\r\n`).join('')}`);
    this.#drawn = cut;
  }

  /** The width changed: the terminal may have wrapped what was drawn, so it is drawn anew below. */
  resized(lines: readonly string[]): void {
    this.#drawn = [];
    this.draw(lines);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    process.off('exit', this.#putBack);
    this.#output.write(showCursor);
  }
}

/** Breaks text at spaces so that no line is longer than `width` characters, unless one word is. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cutLine(line: string, columns: number): string {
  const visible = stripVTControlCharacters(line);
  if ([...visible].length <= columns) return line;
  // Too narrow for styles to matter: the text without them.
  return [...visible].slice(0, columns).join('');
}

function sameLines(one: readonly string[], other: readonly string[]): boolean {
  return one.length > 0 && one.length === other.length && one.every((line, index) => line === other[index]);
}
