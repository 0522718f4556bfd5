import type { Paint } from '../games/index.ts';
import type { Terminal } from './terminal.ts';

/**
 * Colours, if the terminal wants them: not when `NO_COLOR` is set to anything, `TERM` is `dumb`, or the output is no
 * terminal. Only the sixteen basic colours, which follow the terminal's own theme.
 */
export function choosePaint({ stdout, env }: Pick<Terminal, 'stdout' | 'env'>): Paint {
  const plain = Boolean(env.NO_COLOR) || env.TERM === 'dumb' || stdout.isTTY !== true;
  const style = (on: number, off: number) => (text: string) =>
    plain ? text : `\u001b[${on}m${text}\u001b[${off}m`;
  const seats = [style(36, 39), style(33, 39)];
  return {
    colour: !plain,
    bold: style(1, 22),
    dim: style(2, 22),
    inverse: style(7, 27),
    good: style(32, 39),
    bad: style(31, 39),
    warn: style(33, 39),
    seat: (seat, text) => seats[seat % seats.length]?.(text) ?? text,
  };
}
