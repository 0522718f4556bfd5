import { stat } from 'node:fs/promises';

export interface WatchFilesOptions {
  /** Asked at each look, since what is to be watched may itself change. */
  readonly paths: () => readonly string[];
  /** Called after any of them was changed, replaced, made or removed. One call at a time. */
  readonly changed: () => Promise<unknown>;
  /** Milliseconds between two looks. Default 2,000. */
  readonly everyMs?: number;
}

/**
 * Looks at files now and then. To ask for their state, rather than to be told of changes, also works over network file systems,
 * when a file is replaced by a rename, and in a folder where a database writes all the time. A change counts once
 * two looks have seen the same: a file that is still being written, or a pair of which one half is still the old one, is left
 * alone. Returns a function that stops it.
 */
export function watchFiles({ paths, changed, everyMs = 2_000 }: WatchFilesOptions): () => void {
  let acted: string | undefined;
  let last: string | undefined;
  let stopped = false;

  const look = async () => {
    const now = (await Promise.all(paths().map(signature))).join('\n');
    acted ??= now;
    const isStill = now === last;
    last = now;
    if (isStill && now !== acted) {
      acted = now;
      await changed();
    }
  };
  const loop = async () => {
    while (!stopped) {
      await look().catch(() => {});
      await new Promise<void>((resolve) => {
        setTimeout(resolve, everyMs).unref();
      });
    }
  };
  void loop();
  return () => {
    stopped = true;
  };
}

async function signature(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${path} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return `${path} absent`;
  }
}
