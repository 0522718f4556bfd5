import type { Logger } from '../process/logger.ts';
import type { PlayerId, RandomBytes, SessionId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import type { AuthSchema, ChangeRow, SessionEnd } from './schema.ts';

export interface EndedSession {
  readonly session: SessionId;
  readonly because: SessionEnd;
}

export interface ChangeFeedOptions {
  readonly store: Store<AuthSchema>;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/**
 * Milliseconds between two looks at the store, at random between these, so that processes that started together do not look
 * together. Well over two looks a second, since a session's sockets must close within one, wherever it was ended; a look is one
 * query for one number.
 */
const pauseMs = { least: 200, most: 300 } as const;
/** Rows of one look; when there are more, the next look follows at once. */
const rowsAtOnce = 1_000;
/**
 * Milliseconds for which changes are kept. A process that slept for longer has missed some, but then no socket of its has a
 * token that has not expired, and a token is only renewed for a session that lives.
 */
const keptMs = 86_400_000;

/** Hears what this process and all others have changed in the store, each change once, in order. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #endListeners = new Set<(end: EndedSession) => void>();
  readonly #keyListeners = new Set<() => void>();
  readonly #playerListeners = new Set<(player: PlayerId) => void>();
  #lastNumber: number;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #isFailing = false;
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(options: ChangeFeedOptions, lastNumber: number) {
    this.#options = options;
    this.#lastNumber = lastNumber;
    this.#schedule();
  }

  /** Hears of everything that is changed from now on. @throws StoreError */
  static async open(options: ChangeFeedOptions): Promise<ChangeFeed> {
    const row = await options.store.db
      .selectFrom('changes')
      .select(({ fn }) => fn.max('number').as('number'))
      .executeTakeFirst();
    return new ChangeFeed(options, Number(row?.number ?? 0));
  }

  /** Calls back for every session that ends; gives the way to stop that. */
  onSessionEnd(listener: (end: EndedSession) => void): () => void {
    this.#endListeners.add(listener);
    return () => void this.#endListeners.delete(listener);
  }

  /** Calls back when the signing keys have changed. */
  onKeysChanged(listener: () => void): void {
    this.#keyListeners.add(listener);
  }

  /** Calls back for every player whom others see differently from now on; gives the way to stop that. */
  onPlayerChanged(listener: (player: PlayerId) => void): () => void {
    this.#playerListeners.add(listener);
    return () => void this.#playerListeners.delete(listener);
  }

  /**
   * Looks now: for whoever has just changed something here, and wants this process to have heard of it. Resolves when
   * everything committed before the call has been passed on, or could not be read; then the next look makes up for it.
   */
  read(): Promise<void> {
    // A look under way may have read past the caller's change already, so it does not count.
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      this.#reading = this.#look();
      return this.#reading;
    });
    return this.#next;
  }

  /** Deletes what everybody has read. */
  async forgetOld(): Promise<void> {
    const { store, clock } = this.#options;
    await store.db
      .deleteFrom('changes')
      .where('at', '<', clock() - keptMs)
      .execute();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#endListeners.clear();
    this.#keyListeners.clear();
    this.#playerListeners.clear();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const random = (this.#options.randomBytes(1)[0] ?? 0) / 256;
    this.#timer = setTimeout(
      () => void this.read().then(() => this.#schedule()),
      pauseMs.least + random * (pauseMs.most - pauseMs.least),
    );
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    try {
      for (let found = rowsAtOnce; found === rowsAtOnce && !this.#isClosed; ) found = await this.#readSome();
      if (this.#isFailing) this.#options.logger.info('changes in the account store can be read again');
      this.#isFailing = false;
    } catch (error) {
      if (this.#isClosed) return;
      if (!this.#isFailing)
        this.#options.logger.error({ err: error }, 'changes in the account store cannot be read');
      this.#isFailing = true;
    }
  }

  async #readSome(): Promise<number> {
    const rows = await this.#options.store.db
      .selectFrom('changes')
      .select(['number', 'kind', 'subject', 'detail'])
      .where('number', '>', this.#lastNumber)
      .orderBy('number')
      .limit(rowsAtOnce)
      .execute();
    for (const row of rows) {
      this.#lastNumber = Number(row.number);
      this.#announce(row);
    }
    return rows.length;
  }

  #announce({ kind, subject, detail }: Pick<ChangeRow, 'kind' | 'subject' | 'detail'>): void {
    switch (kind) {
      case 'keys_changed':
        for (const listener of this.#keyListeners) this.#tell(listener);
        break;
      case 'player_changed':
        for (const listener of this.#playerListeners) this.#tell(() => listener(subject as PlayerId));
        break;
      case 'session_ended': {
        const end = { session: subject as SessionId, because: detail as SessionEnd };
        for (const listener of this.#endListeners) this.#tell(() => listener(end));
      }
    }
  }

  /** A listener that fails must not keep the others from hearing, or this change from counting as read. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'a change in the account store was not acted on');
    }
  }
}
