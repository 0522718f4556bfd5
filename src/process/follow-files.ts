import { isDeepStrictEqual } from 'node:util';
import { watchFiles } from './watch-files.ts';

export interface FollowFilesOptions<Content> {
  readonly paths: readonly string[];
  /** What was read at the start. */
  readonly initial: Content;
  /** Reads the files and judges them whole. @throws what is wrong with them */
  readonly read: () => Promise<Content>;
  /** Called with content that is whole and other than before. */
  readonly take: (content: Content) => void;
  /** Called when what lies there now cannot be used; the old content stays. */
  readonly refuse: (error: unknown) => void;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

export interface FollowedFiles {
  /** Reads now, whether or not the files look changed. */
  reload(): Promise<void>;
  stop(): void;
}

/**
 * Keeps up with files whose content is used as long as the process lives: takes what is new and whole, and refuses the rest, so
 * that a half-written or a wrong file never replaces one that works.
 */
export function followFiles<Content>(options: FollowFilesOptions<Content>): FollowedFiles {
  const { paths, initial, read, take, refuse, everyMs } = options;
  let current = initial;
  let last = Promise.resolve();

  const reload = () => {
    last = last.then(async () => {
      try {
        const next = await read();
        if (isDeepStrictEqual(next, current)) return;
        take(next);
        current = next;
      } catch (error) {
        refuse(error);
      }
    });
    return last;
  };
  const stop = watchFiles({ paths: () => paths, changed: reload, everyMs });
  return { reload, stop };
}
