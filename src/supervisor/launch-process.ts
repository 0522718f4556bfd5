import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ChildEnd, Launch } from './supervised-child.ts';

/** The program that this process runs: `src/main.ts` in a clone, `dist/main.js` in the published package. */
const PROGRAM = join(import.meta.dirname, '..', import.meta.filename.endsWith('.ts') ? 'main.ts' : 'main.js');

/**
 * Runs a sub-command of `castling` as a child process, on the same Node, in the same terminal. Over the IPC channel the child
 * says that it is up; when this process is gone, whatever killed it, the channel closes and the child drains.
 */
export function launchCommand(args: readonly string[]): Launch {
  return (onEnd) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let isOver = false;
    let isUp = false;
    const end = (how: ChildEnd) => {
      if (isOver) return;
      isOver = true;
      onEnd(how);
    };
    // A process that could not be started has no exit; one that could not be signalled is still alive.
    child.on('error', (error) => {
      if (child.pid === undefined) end({ code: null, signal: null, error });
    });
    child.once('message', () => {
      isUp = true;
    });
    child.once('exit', (code, signal) => end({ code, signal }));
    return {
      pid: child.pid,
      kill: (signal) => void child.kill(signal),
      // A SIGHUP that comes before a process listens for it ends the process.
      reread: () => void (isUp && child.kill('SIGHUP')),
    };
  };
}
