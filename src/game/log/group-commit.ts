import type { CommitGroup, GroupOutcome } from '../../store/index.ts';
import { LogUnavailable } from './log-unavailable.ts';

/** One commit that is over. */
export interface CommitDone {
  /** Groups in it. */
  readonly groups: number;
  /** Milliseconds. */
  readonly ms: number;
  readonly isStored: boolean;
}

export interface GroupCommitOptions {
  /** Puts all groups on disk with one sync; resolves when they are. */
  readonly commit: (groups: readonly CommitGroup[]) => Promise<readonly GroupOutcome[]>;
  /**
   * Runs a function after everything that this turn of the event loop still brings. Default `setImmediate`.
   */
  readonly afterTurn?: (run: () => void) => unknown;
  /** The epoch in which what is written now was decided. One that has passed by the time of the commit is not written. */
  readonly epoch?: () => number;
  readonly onCommit?: (done: CommitDone) => void;
  /** Groups in one commit, so that a burst cannot hold the database for long. Default 512. */
  readonly groupsMost?: number;
  /** Groups that may wait. Default 16,384. */
  readonly waitingMost?: number;
}

interface Waiting {
  readonly epoch: number;
  readonly group: CommitGroup;
  readonly resolve: (outcome: GroupOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets all that wants to be written in one turn of the event loop share one commit and so one sync. One
 * commit is under way at a time; what comes meanwhile is the next one's.
 *
 * ```
 *   turn 1   a b c ──▶ commit{a b c} ────────────▶ all three resolve
 *   turn 2          d ── waits ─┐
 *   turn 3          e ── waits ─┴──────────────────▶ commit{d e} ──▶
 * ```
 */
export class GroupCommit {
  readonly #commit: GroupCommitOptions['commit'];
  readonly #afterTurn: (run: () => void) => unknown;
  readonly #epoch: () => number;
  readonly #onCommit: (done: CommitDone) => void;
  readonly #groupsMost: number;
  readonly #waitingMost: number;
  #waiting: Waiting[] = [];
  #busy = false;
  #idle: (() => void)[] = [];

  constructor({
    commit,
    afterTurn = setImmediate,
    epoch = () => 0,
    onCommit = () => {},
    groupsMost = 512,
    waitingMost = 16_384,
  }: GroupCommitOptions) {
    this.#commit = commit;
    this.#afterTurn = afterTurn;
    this.#epoch = epoch;
    this.#onCommit = onCommit;
    this.#groupsMost = groupsMost;
    this.#waitingMost = waitingMost;
  }

  /**
   * Resolves when the group is on disk, or is known not to fit there.
   *
   * @throws LogUnavailable when too much waits already, and whatever `commit` throws
   */
  write(group: CommitGroup): Promise<GroupOutcome> {
    if (this.#waiting.length >= this.#waitingMost) return Promise.reject(new LogUnavailable('overloaded'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ group, epoch: this.#epoch(), resolve, reject });
      if (this.#busy) return;
      this.#busy = true;
      this.#next();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    this.#afterTurn(() => void this.#commitWaiting());
  }

  async #commitWaiting(): Promise<void> {
    const epoch = this.#epoch();
    const next = this.#waiting.splice(0, this.#groupsMost);
    for (const { reject } of next.filter((each) => each.epoch !== epoch))
      reject(new LogUnavailable('fenced'));
    const batch = next.filter((each) => each.epoch === epoch);
    const beganAt = performance.now();
    const done = (isStored: boolean) => {
      this.#onCommit({ groups: batch.length, ms: performance.now() - beganAt, isStored });
    };
    try {
      const outcomes = await this.#commit(batch.map(({ group }) => group));
      done(true);
      for (const [index, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new TypeError('The store gave no outcome for a group.'));
        else resolve(outcome);
      }
    } catch (error) {
      done(false);
      for (const { reject } of batch) reject(error);
    }
    if (this.#waiting.length > 0) return this.#next();
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
