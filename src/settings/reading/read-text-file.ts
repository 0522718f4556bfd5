import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { OperatorError } from '../../process/operator-error.ts';

/**
 * Reads a file whole, unless it is longer than `most` bytes: then `most + 1` of it, so that the caller sees that. Gives
 * `undefined` for what is no UTF-8.
 *
 * @throws the system's error; OperatorError `file_unreadable` for what is no regular file and might never end
 */
export async function readTextFile(path: string, most: number): Promise<string | undefined> {
  // Without O_NONBLOCK, to open a FIFO would wait for somebody who writes to it.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) {
      throw new OperatorError('file_unreadable', `${path} is no regular file; give one.`);
    }
    const buffer = new Uint8Array(most + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) break;
    }
    return decode(buffer.subarray(0, length));
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
