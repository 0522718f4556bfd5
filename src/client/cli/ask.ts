import { createInterface } from 'node:readline';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { Output, Terminal } from './terminal.ts';

/** Characters of a typed password beyond which something is wrong. The server's own bound is in bytes. */
const longestPassword = 4096;

/** Asks on standard error, so that standard output stays clean. Anything but yes is no. */
export function askYesNo({ stdin, stderr }: Terminal, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr as NodeJS.WritableStream, terminal: false });
  stderr.write(`${question} [y/N] `);
  return new Promise((resolve, reject) => {
    let answer: string | undefined;
    lines.once('line', (line) => {
      answer = line;
      lines.close();
    });
    lines.once('close', () => {
      stdin.pause();
      if (answer === undefined) stderr.write('\n');
      resolve(/^\s*y(es)?\s*$/i.test(answer ?? ''));
    });
    lines.once('error', reject);
  });
}

/**
 * Reads a line from the terminal without showing it. Backspace and Ctrl-U work; Ctrl-C gives up.
 *
 * @throws CliError `interrupted`
 */
export function askSecret({ stdin, stderr }: Terminal, prompt: string): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const finish = (settle: () => void, rest = '') => {
      stdin.off('data', read);
      stdin.off('end', end);
      stdin.setRawMode?.(false);
      stdin.pause();
      // What was pasted beyond the line belongs to the next question.
      if (rest !== '') stdin.unshift(rest);
      stderr.write('\n');
      settle();
    };
    const end = () => finish(() => reject(interrupted()));
    const read = (chunk: string) => {
      const characters = [...chunk];
      for (const [index, character] of characters.entries()) {
        switch (character) {
          case '\r':
          case '\n': {
            const rest = characters.slice(index + 1).join('');
            finish(() => resolve(typed.join('')), rest === '\n' ? '' : rest);
            return;
          }
          case '\u0003':
          case '\u0004':
            finish(() => reject(interrupted()));
            return;
          case '\u007f':
          case '\b':
            typed.pop();
            break;
          case '\u0015':
            typed = [];
            break;
          default:
            if (typed.length < longestPassword) typed.push(character);
        }
      }
    };
    stdin.on('data', read);
    stdin.once('end', end);
    stdin.resume();
  });
}

/** Warns that typing shows, if it does: used before a question on a terminal that cannot hide it. */
export function canHide({ stdin }: { readonly stdin: Terminal['stdin']; readonly stderr: Output }): boolean {
  return stdin.isTTY === true && stdin.setRawMode !== undefined;
}

function interrupted(): CliError {
  return new CliError('interrupted', 'Interrupted.', { exitCode: ClientExit.interrupted });
}
