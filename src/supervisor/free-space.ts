import { statfs } from 'node:fs/promises';

/** Least free space in the data folder to start with, in bytes; a match log that meets a full disk stops play. */
export const leastFreeBytes = 16 * 1_048_576;

/** Bytes that this account may still write on the disk of a folder. */
export async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
