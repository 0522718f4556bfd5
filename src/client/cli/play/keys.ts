import { emitKeypressEvents, type Key } from 'node:readline';
import type { GameKey } from '../../games/index.ts';
import type { Terminal } from '../terminal.ts';

/** A key as the screens use it; `interrupt` is Ctrl-C, which raw mode gives as a key. */
export type PressedKey = GameKey | { readonly kind: 'interrupt' };

/** Takes the keyboard: every key without Enter and without echo. Returns the function that gives it back. */
export function readKeys({ stdin }: Pick<Terminal, 'stdin'>, onKey: (key: PressedKey) => void): () => void {
  const listen = (text: string | undefined, key: Key) => {
    const pressed = interpretKey(text, key);
    if (pressed !== undefined) onKey(pressed);
  };
  // The terminal is gone: nobody can press anything any more.
  const end = () => onKey({ kind: 'interrupt' });
  emitKeypressEvents(stdin);
  stdin.setRawMode?.(true);
  stdin.on('keypress', listen);
  stdin.once('end', end);
  stdin.resume();
  return () => {
    stdin.off('keypress', listen);
    stdin.off('end', end);
    stdin.setRawMode?.(false);
    stdin.pause();
  };
}

function interpretKey(text: string | undefined, key: Key): PressedKey | undefined {
  if (key.ctrl) return key.name === 'c' || key.name === 'd' ? { kind: 'interrupt' } : undefined;
  switch (key.name) {
    case 'left':
    case 'right':
    case 'up':
    case 'down':
      return { kind: key.name };
    case 'return':
    case 'enter':
    case 'space':
      return { kind: 'enter' };
  }
  if (key.meta || text === undefined || [...text].length !== 1) return undefined;
  return { kind: 'character', character: text.toLowerCase() };
}
