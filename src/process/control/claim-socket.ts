import { link, lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { systemErrorCode } from '../explain-system-error.ts';
import { withFileLock } from '../file-lock.ts';
import { OperatorError } from '../operator-error.ts';

/** The holder asks one local socket at most; whoever waits longer has found something stuck. */
const longestWaitMs = 10_000;

/**
 * Gives the listening socket at `ours` the name `path`. What a dead process left there is removed; what a living one listens on
 * stays. The look and the removal are one step under a lock beside it (`path` with `.lock` for its ending): no file system call
 * removes a name only if it still belongs to the one that was found dead, so that without a lock the name of a process that
 * started meanwhile could go.
 *
 * @returns false when a living process has the name
 * @throws OperatorError `folder_unusable` when there is something that is no socket, which is left alone, or the lock is stuck
 */
export function claimSocket(ours: string, path: string): Promise<boolean> {
  const stuck = () =>
    new OperatorError(
      'folder_unusable',
      `Another process has held ${lockOf(path)} for too long; end it and start again.`,
    );
  return withFileLock(lockOf(path), { longestWaitMs, stuck }, async () => {
    if (await linkUnlessThere(ours, path)) return true;
    if (await isAnswering(path)) return false;
    await removeSocket(path);
    return linkUnlessThere(ours, path);
  });
}

function lockOf(path: string): string {
  return path.replace(/\.sock$/, '.lock');
}

async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeSocket(path: string): Promise<void> {
  // Its process may have ended properly since, and taken it along.
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new OperatorError(
      'folder_unusable',
      `${path} is in the way of the control socket; move it elsewhere.`,
    );
  }
  await rm(path, { force: true });
}

/** Anything but a clear no counts as a living process: a full queue, for one. */
function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answering: boolean) => {
      socket.destroy();
      resolve(answering);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => {
      settle(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(systemErrorCode(error) ?? ''));
    });
  });
}
