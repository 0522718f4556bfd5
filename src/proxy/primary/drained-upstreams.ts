import { readFile } from 'node:fs/promises';
import type { ControlAnswer, ControlResponder } from '../../process/control/index.ts';
import { systemErrorCode } from '../../process/explain-system-error.ts';
import type { Logger } from '../../process/logger.ts';
import { writeSecureFile } from '../../process/secure-file.ts';
import type { UpstreamName } from '../routes/route-control.ts';

export interface DrainedUpstreamsOptions {
  /** The file that remembers them over a restart of this process. */
  readonly path: string;
  readonly logger: Logger;
  /** Told of all of them whenever they change. */
  readonly onChange: (drained: readonly UpstreamName[]) => void;
}

/** What one file may hold: more than routes can list. */
const mostDrained = 64 * 64;

/**
 * Remembers which upstreams operators have drained, for workers that come later, and for the next process: an upstream is drained
 * until an operator ends that, or the settings no longer list it. Kept in the data folder rather than in the account store, since
 * other machines share that, and `127.0.0.1:5050` is another program there.
 */
export class DrainedUpstreams {
  readonly #options: DrainedUpstreamsOptions;
  #drained: readonly UpstreamName[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(options: DrainedUpstreamsOptions, drained: readonly UpstreamName[]) {
    this.#options = options;
    this.#drained = drained;
  }

  /** A file that cannot be read counts as empty: the proxy must come up, and its log says so. */
  static async load(options: DrainedUpstreamsOptions): Promise<DrainedUpstreams> {
    try {
      return new DrainedUpstreams(options, parse(await readFile(options.path, 'utf8')));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') {
        const { path, logger } = options;
        logger.warn({ err: error, path }, 'which upstreams are drained cannot be read; none is');
      }
      return new DrainedUpstreams(options, []);
    }
  }

  get all(): readonly UpstreamName[] {
    return this.#drained;
  }

  /** The same answers; what workers report of draining is remembered before the operator hears of it. */
  noting(responder: ControlResponder): ControlResponder {
    const note = async (answer: ControlAnswer) => {
      if (!('value' in answer)) return;
      const { route, upstream, draining } = answer.value as UpstreamName & { readonly draining: boolean };
      await this.#set({ route, upstream }, draining);
    };
    return async function* (request) {
      for await (const answer of responder(request)) {
        await note(answer);
        yield answer;
      }
    };
  }

  /** Forgets those that the settings do not list: one that is listed again is a new one. */
  async keepOnly(listed: readonly UpstreamName[]): Promise<void> {
    const kept = this.#drained.filter((each) => listed.some((other) => isSame(each, other)));
    if (kept.length < this.#drained.length) await this.#replace(kept);
  }

  async #set(name: UpstreamName, draining: boolean): Promise<void> {
    if (this.#drained.some((each) => isSame(each, name)) === draining) return await this.#writing;
    const others = this.#drained.filter((each) => !isSame(each, name));
    await this.#replace(draining ? [...others, name] : others);
  }

  /** In effect at once; resolves when it is on disk, or the log says that it is not. */
  async #replace(drained: readonly UpstreamName[]): Promise<void> {
    const { path, logger, onChange } = this.#options;
    this.#drained = drained;
    onChange(drained);
    this.#writing = this.#writing.then(async () => {
      try {
        await writeSecureFile(path, `${JSON.stringify(drained)}\n`);
      } catch (error) {
        logger.error({ err: error, path }, 'which upstreams are drained will be forgotten by a restart');
      }
    });
    await this.#writing;
  }
}

function parse(text: string): UpstreamName[] {
  const found: unknown = JSON.parse(text);
  if (!Array.isArray(found) || found.length > mostDrained) throw new TypeError('not a list of upstreams');
  return found.map((each: unknown) => {
    const { route, upstream } = (each ?? {}) as { route?: unknown; upstream?: unknown };
    if (typeof route !== 'string' || typeof upstream !== 'string') throw new TypeError('not an upstream');
    return { route, upstream };
  });
}

function isSame(one: UpstreamName, other: UpstreamName): boolean {
  return one.route === other.route && one.upstream === other.upstream;
}
