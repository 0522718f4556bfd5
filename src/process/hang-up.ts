import { closeSync, openSync } from 'node:fs';

/** What is watched; `process` in earnest, a stand-in under test. */
export type HangUpProcess = {
  on(event: 'SIGHUP', listener: () => void): unknown;
  off(event: 'SIGHUP', listener: () => void): unknown;
};

export type HangUpOptions = {
  /** Somebody asks the process to read its files again (`kill -HUP`, `systemctl reload`). */
  onReload: () => void;
  /** The terminal that the process belongs to is gone: its window was closed, or the line was cut. */
  onTerminalGone: () => void;
  process?: HangUpProcess;
  /** Whether this process has a terminal that still works. */
  hasTerminal?: () => boolean;
};

/**
 * Tells the two meanings of SIGHUP apart, so that a Castling in a terminal ends with its window while a service reads its
 * files again. The kernel takes the controlling terminal away before it sends the signal, and `/dev/tty` then cannot be opened.
 * Returns a function that stops watching.
 */
export function onHangUp(options: HangUpOptions): () => void {
  const { onReload, onTerminalGone, process: target = process, hasTerminal = canOpenTerminal } = options;
  const hadTerminal = hasTerminal();
  const listener = () => {
    if (hadTerminal && !hasTerminal()) onTerminalGone();
    else onReload();
  };
  target.on('SIGHUP', listener);
  return () => void target.off('SIGHUP', listener);
}

function canOpenTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
