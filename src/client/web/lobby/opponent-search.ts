import { Cell, type ReadonlyCell } from '../../cell.ts';
import { ClientError } from '../../client-error.ts';
import type { Connection } from '../../connection.ts';

export type SearchState =
  | { readonly phase: 'idle' }
  /** `since` in Unix milliseconds. */
  | { readonly phase: 'searching'; readonly since: number }
  | { readonly phase: 'failed'; readonly error: unknown };

export interface OpponentSearchOptions {
  readonly connection: Pick<Connection, 'findMatch'>;
  /** A match was found; its id. */
  onFound(match: string): void;
  readonly now?: () => number;
}

/** Waiting in the lobby, whichever screen is shown meanwhile. */
export class OpponentSearch {
  readonly #options: OpponentSearchOptions;
  readonly #state = new Cell<SearchState>({ phase: 'idle' });
  #search: AbortController | undefined;

  constructor(options: OpponentSearchOptions) {
    this.#options = options;
  }

  get state(): ReadonlyCell<SearchState> {
    return this.#state;
  }

  async start(game: string): Promise<void> {
    if (this.#search) return;
    const { connection, onFound, now = Date.now } = this.#options;
    const search = new AbortController();
    this.#search = search;
    this.#state.set({ phase: 'searching', since: now() });
    try {
      const { id } = await connection.findMatch(game, { signal: search.signal });
      if (this.#search !== search) return;
      this.#state.set({ phase: 'idle' });
      onFound(id);
    } catch (error) {
      if (this.#search !== search) return;
      const isOver = error instanceof ClientError && ['aborted', 'closed', 'signed_out'].includes(error.code);
      this.#state.set(isOver ? { phase: 'idle' } : { phase: 'failed', error });
    } finally {
      if (this.#search === search) this.#search = undefined;
    }
  }

  stop(): void {
    this.#search?.abort();
    this.#search = undefined;
    this.#state.set({ phase: 'idle' });
  }
}
