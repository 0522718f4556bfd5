import { stat } from 'node:fs/promises';

export interface WatchFilesOptions {
  readonly paths: readonly string[];
  /** Called after any of them was changed, replaced, made or removed. One call at a time. */
  readonly changed: () => Promise<void>;
  /** Milliseconds between two looks. Default 2,000. */
  readonly everyMs?: number;
}

/**
 * Looks at files now and then. To ask for their state, rather than to be told of changes, also works over
 * network file systems and when a file is replaced by a rename. Returns a function that stops it.
 */
export function watchFiles({ paths, changed, everyMs = 2_000 }: WatchFilesOptions): () => void {
  let known: string | undefined;
  let stopped = false;

  const look = async () => {
    const now = (await Promise.all(paths.map(signature))).join('\n');
    const before = known;
    known = now;
    if (before !== undefined && before !== now) await changed();
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
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'absent';
  }
}
