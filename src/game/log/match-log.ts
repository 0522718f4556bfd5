import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { CommandId, InviteCode, MatchId, Pseudonym } from '../../protocol/ids.ts';
import type { GroupOutcome, Store } from '../../store/index.ts';
import { StoreError } from '../../store/index.ts';
import { AppendStatements, type Continuation, type ExtraCommand } from './append-statements.ts';
import { GroupCommit, type GroupCommitOptions } from './group-commit.ts';
import { type LogFault, LogUnavailable } from './log-unavailable.ts';
import { readMatch, type StoredMatch } from './read-match.ts';
import type { GameSchema } from './schema.ts';

/** What the log tells whoever watches over the process. */
export interface LogWatcher {
  /** Nothing can be written until further notice; what was asked is refused. */
  stalled?(fault: LogFault, error: unknown): void;
  /** Writing works again. */
  recovered?(): void;
  /**
   * The outcome of a write is unknown. After a failed sync the kernel may have thrown the data away and
   * report success the next time, so there is no trying again: the process has to end, and to start from what
   * is on disk.
   */
  failed(error: unknown): void;
}

/** By which a writer that was overtaken is kept from writing: what was decided in one epoch is not written in the next. */
export interface LogEpochs {
  /** As this backend knows it; below 0 when it owns nothing. */
  current(): number;
  /** Gives a row as long as `epoch` has not ended. */
  fence(epoch: number): CompiledQuery;
}

/** A command that some match obeyed. */
export interface FoundCommand {
  readonly match: MatchId;
  readonly seq: number;
  readonly digest: string;
}

/** Faults after which it is certain that nothing was written. */
const harmless: Partial<Record<string, LogFault>> = {
  disk_full: 'disk_full',
  busy: 'busy',
  closed: 'closed',
};

/**
 * The log of all matches. Append is compare-and-append: an event whose sequence is taken, or whose command id
 * its player used before, is a conflict and leaves no trace.
 */
export class MatchLog {
  readonly #db: Kysely<GameSchema>;
  readonly #statements: AppendStatements;
  readonly #commits: GroupCommit;
  readonly #watcher: LogWatcher;
  #stalled = false;
  #failed = false;

  constructor({
    store,
    watcher,
    groupCommit,
    epochs,
  }: {
    readonly store: Store<GameSchema>;
    readonly watcher: LogWatcher;
    readonly groupCommit?: Omit<GroupCommitOptions, 'commit' | 'epoch'>;
    readonly epochs?: LogEpochs;
  }) {
    this.#db = store.db;
    this.#statements = new AppendStatements(store.db);
    this.#commits = new GroupCommit({
      ...groupCommit,
      commit: (groups) => store.commit(groups, { fence: epochs?.fence(epochs.current()) }),
      epoch: () => epochs?.current() ?? 0,
    });
    this.#watcher = watcher;
  }

  /**
   * Resolves to `stored` when every event is on disk. All or none of them are.
   *
   * @throws LogUnavailable
   */
  async append(
    continuations: readonly Continuation[],
    extra: readonly ExtraCommand[] = [],
  ): Promise<GroupOutcome> {
    if (this.#failed) throw new LogUnavailable('failed');
    const group = this.#statements.groupFor(continuations, extra);
    try {
      const outcome = await this.#commits.write(group);
      this.#recover();
      return outcome;
    } catch (error) {
      throw this.#classify(error);
    }
  }

  /**
   * Undefined for an unknown match.
   *
   * @throws DamagedMatch
   */
  async load(match: MatchId): Promise<StoredMatch | undefined> {
    const rows = await this.#db
      .selectFrom('events')
      .select(['seq', 'body', 'chain'])
      .where('match', '=', match)
      .orderBy('seq')
      .execute();
    return readMatch(match, rows);
  }

  async findCommand(player: Pseudonym, command: CommandId): Promise<FoundCommand | undefined> {
    const row = await this.#db
      .selectFrom('commands')
      .select(['match', 'seq', 'digest'])
      .where('player', '=', player)
      .where('command', '=', command)
      .executeTakeFirst();
    return row && { ...row, match: row.match as MatchId };
  }

  async findByCode(code: InviteCode): Promise<MatchId | undefined> {
    const row = await this.#db.selectFrom('matches').select('id').where('code', '=', code).executeTakeFirst();
    return row?.id as MatchId | undefined;
  }

  /** How many matches that are not over the player holds a seat in. */
  async countOpenSeats(player: Pseudonym): Promise<number> {
    const row = await this.#db
      .selectFrom('seats')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('player', '=', player)
      // A literal, since a partial index serves no parameter.
      .where('open', '=', sql.lit(1))
      .executeTakeFirstOrThrow();
    return Number(row.count);
  }

  /** Resolves when all that was appended has been answered. */
  idle(): Promise<void> {
    return this.#commits.idle();
  }

  #recover(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#watcher.recovered?.();
  }

  #classify(error: unknown): LogUnavailable {
    if (error instanceof LogUnavailable) return error;
    if (error instanceof StoreError && error.code === 'fenced') {
      return new LogUnavailable('fenced', { cause: error });
    }
    const fault = error instanceof StoreError ? harmless[error.code] : undefined;
    if (fault === undefined) {
      if (!this.#failed) {
        this.#failed = true;
        this.#watcher.failed(error);
      }
      return new LogUnavailable('failed', { cause: error });
    }
    if (!this.#stalled) {
      this.#stalled = true;
      this.#watcher.stalled?.(fault, error);
    }
    return new LogUnavailable(fault, { cause: error });
  }
}
