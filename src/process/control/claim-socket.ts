import { randomBytes } from 'node:crypto';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '../explain-system-error.ts';
import { OperatorError } from '../operator-error.ts';

/** Whoever starts while several others do may find the place filled between two looks; more often than this is no accident. */
const attempts = 5;

/**
 * Gives the listening socket at `ours` the name `path`. What a dead process left there is removed; what a living one listens on
 * stays, also when both start at once: a name is only taken where there is none (`link` fails otherwise), and a socket that
 * seemed dead is moved aside and asked once more before it goes.
 *
 * @returns false when a living process has the name
 * @throws OperatorError `folder_unusable` when there is something that is no socket; it is left alone
 */
export async function claimSocket(ours: string, path: string): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (await linkUnlessThere(ours, path)) return true;
    if (await isAnswering(path)) return false;
    if (!(await isSocket(path))) continue;
    const aside = join(dirname(path), `.control-${randomBytes(6).toString('hex')}`);
    if (!(await moveAside(path, aside))) continue;
    const isLate = await isAnswering(aside);
    if (isLate) await linkUnlessThere(aside, path);
    await rm(aside, { force: true });
    if (isLate) return false;
  }
  return false;
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

async function moveAside(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** False when there is nothing any more. */
async function isSocket(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isSocket()) return true;
  throw new OperatorError(
    'folder_unusable',
    `${path} is in the way of the control socket; move it elsewhere.`,
  );
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
