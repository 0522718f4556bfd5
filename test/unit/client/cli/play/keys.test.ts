import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type PressedKey, readKeys } from '../../../../../src/client/cli/play/keys.ts';

function typed(...chunks: string[]): { keys: PressedKey[]; raw: boolean[] } {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const keys: PressedKey[] = [];
  const stop = readKeys({ stdin }, (key) => keys.push(key));
  for (const chunk of chunks) stdin.emit('data', Buffer.from(chunk));
  stop();
  stdin.emit('data', Buffer.from('9'));
  return { keys, raw };
}

describe('keys', () => {
  it('tells arrows in both of their forms, Enter, letters and digits', () => {
    const { keys } = typed('\u001b[A', '\u001bOB', '\u001b[C', '\u001b[D', '\r', ' ', 'R', '7');
    expect(keys).toEqual([
      { kind: 'up' },
      { kind: 'down' },
      { kind: 'right' },
      { kind: 'left' },
      { kind: 'enter' },
      { kind: 'enter' },
      { kind: 'character', character: 'r' },
      { kind: 'character', character: '7' },
    ]);
  });

  it('takes Ctrl-C and Ctrl-D for an interrupt, and no other control key for anything', () => {
    expect(typed('\u0003', '\u0004', '\u000c', '\u001b[15~').keys).toEqual([
      { kind: 'interrupt' },
      { kind: 'interrupt' },
    ]);
  });

  it('gives the keyboard back', () => {
    expect(typed('1').raw).toEqual([true, false]);
  });
});
