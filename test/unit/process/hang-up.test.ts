import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onHangUp } from '../../../src/process/hang-up.ts';

function rig(terminals: readonly boolean[]) {
  const target = new EventEmitter();
  const heard: string[] = [];
  let asked = 0;
  const stop = onHangUp({
    onReload: () => void heard.push('reload'),
    onTerminalGone: () => void heard.push('gone'),
    process: target,
    hasTerminal: () => terminals[asked++] ?? false,
  });
  return { heard, stop, hangUp: () => target.emit('SIGHUP') };
}

describe('a hang-up', () => {
  it('of a process without a terminal asks it to read again', () => {
    const { heard, hangUp } = rig([false]);
    hangUp();
    expect(heard).toEqual(['reload']);
  });

  it('of a process whose terminal works asks it to read again', () => {
    const { heard, hangUp } = rig([true, true]);
    hangUp();
    expect(heard).toEqual(['reload']);
  });

  it('of a process whose terminal is gone tells it so', () => {
    const { heard, hangUp } = rig([true, false]);
    hangUp();
    expect(heard).toEqual(['gone']);
  });

  it('is not heard after the end', () => {
    const { heard, hangUp, stop } = rig([false]);
    stop();
    hangUp();
    expect(heard).toEqual([]);
  });
});
