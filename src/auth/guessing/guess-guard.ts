import { createHmac } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Logger } from '../../process/logger.ts';
import { networksOf } from '../../process/networks-of.ts';
import type { PlayerId } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { AuthError, type AuthErrorCode } from '../auth-error.ts';
import { readPlayerName } from '../names/player-name.ts';
import type { AuthSchema, GuessLaneKind } from '../schema.ts';
import { type GuessLimits, pauseAfter } from './guess-limits.ts';

export interface GuessGuardOptions {
  readonly store: Store<AuthSchema>;
  readonly limits: GuessLimits;
  /** Names and addresses are kept under this key only: people type passwords into the field for the name. */
  readonly key: Buffer;
  readonly clock: () => number;
  readonly logger: Logger;
}

/** Who tries to get in where. */
export type Attempt =
  /** With a name, from anywhere. */
  | { readonly name: string; readonly address: string }
  /** With a secret too long to guess: only floods are held back, so that nobody can keep an owner from recovering. */
  | { readonly address: string }
  /** On a device that has signed in to the account before: what strangers do elsewhere does not count. */
  | { readonly device: string }
  /** A player who is signed in, asked for the password again. */
  | { readonly player: PlayerId }
  /** Six digits that an authenticator app shows, for a player whose password was right. */
  | { readonly factorOf: PlayerId; readonly address: string }
  /** The code that a terminal shows, typed by a player who is signed in. */
  | { readonly typedBy: PlayerId; readonly address: string };

interface Lane {
  readonly lane: string;
  readonly kind: GuessLaneKind;
}

interface Counter {
  readonly level: number;
  /** Unix milliseconds. */
  readonly updatedAt: number;
}

interface When {
  /** Unix milliseconds. */
  readonly now: number;
  readonly isAlarm: boolean;
}

/** What says that a guess was wrong; any other outcome says nothing about the secret. */
const wrongGuesses: ReadonlySet<AuthErrorCode> = new Set([
  'credentials_wrong',
  'password_wrong',
  'recovery_refused',
  'second_factor_wrong',
  'passkey_refused',
  'user_code_unknown',
]);

/** Times that a try has been let through since the counters were last trimmed. */
const trimmedEvery = 256;
/** Seconds after which a counter of somebody who was not being held back is of no use. */
const forgottenAfter = 86_400;
/** The same for one that did hold back; it would begin again with a few free tries. */
const remembered = 90 * 86_400;

/**
 * Holds guessers back. Every try belongs to some lanes, each with a counter in the store, where restarts do not reach them
 * and every process counts in the same:
 *
 *   account, device, player,
 *   factor, code              wrong tries in a row. A few are free, then pauses double; a right try begins anew
 *   site, wide                a bucket that leaks: what one network may get wrong, over all names
 *
 * In the lanes of one secret a try counts as wrong *before* it is made, and is given back when it was right: a hundred at once
 * are a hundred. In those of a network it counts afterwards, so that a class that signs in together, rightly, never fills
 * them. What is held back is not tried at all, so that it tells nothing; unknown names have lanes like any other.
 */
export class GuessGuard {
  readonly #options: GuessGuardOptions;
  #tries = 0;
  #alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(options: GuessGuardOptions) {
    this.#options = options;
  }

  /** Makes one try. @throws AuthError `too_many_attempts`, before anything was tried; and whatever the try throws */
  async run<Result>(attempt: Attempt, tryIt: () => Promise<Result>): Promise<Result> {
    const lanes = this.#lanesOf(attempt);
    await this.#admit(lanes);
    try {
      const result = await tryIt();
      await this.#settle(lanes, 'right');
      return result;
    } catch (error) {
      const isWrong = error instanceof AuthError && wrongGuesses.has(error.code);
      await this.#settle(lanes, isWrong ? 'wrong' : 'untried');
      throw error;
    }
  }

  /** Begins anew for an account whose owner has proved to be one in another way. */
  async forgive(name: string): Promise<void> {
    const { store } = this.#options;
    await store.db.deleteFrom('guess_counters').where('lane', '=', this.#accountLane(name).lane).execute();
  }

  /** The same for the codes of a player who has shown a recovery code. */
  async forgiveFactor(player: PlayerId): Promise<void> {
    const { store } = this.#options;
    await store.db
      .deleteFrom('guess_counters')
      .where('lane', '=', this.#lane('factor', player).lane)
      .execute();
  }

  /** Deletes counters that say nothing any more, and the mildest ones beyond the number kept. */
  async forgetOld(): Promise<void> {
    const { store, limits, clock } = this.#options;
    const now = clock();
    await store.db
      .deleteFrom('guess_counters')
      .where((row) =>
        row.or([
          row('updated_at', '<', now - remembered * 1000),
          row.and([row('updated_at', '<', now - forgottenAfter * 1000), row('level', '<', limits.freeTries)]),
          row.and([row('updated_at', '<', now - forgottenAfter * 1000), row('kind', 'in', ['site', 'wide'])]),
        ]),
      )
      .execute();
    const surplus = store.db
      .selectFrom('guess_counters')
      .select('lane')
      .orderBy('level', 'desc')
      .orderBy('updated_at', 'desc')
      .orderBy('lane')
      // An offset needs a limit on SQLite; this one is none.
      .limit(Number.MAX_SAFE_INTEGER)
      .offset(limits.countersMost);
    await store.db.deleteFrom('guess_counters').where('lane', 'in', surplus).execute();
  }

  async #admit(lanes: readonly Lane[]): Promise<void> {
    const { store, clock } = this.#options;
    this.#tries += 1;
    if (this.#tries % trimmedEvery === 0) await this.forgetOld();
    const refusal = await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const isAlarm = await this.#isAlarm(transaction, now);
      for (const lane of lanes) {
        const wait = this.#waitOf(lane, await this.#read(transaction, lane, { now, isAlarm }), {
          now,
          isAlarm,
        });
        if (wait > 0) return tooMany(wait);
      }
      await this.#add(transaction, lanes.filter(isOfOneSecret), { now, isAlarm });
      return undefined;
    });
    if (refusal !== undefined) throw refusal;
  }

  async #settle(lanes: readonly Lane[], outcome: 'right' | 'wrong' | 'untried'): Promise<void> {
    const { store, clock } = this.#options;
    const counted = lanes.filter(isOfOneSecret);
    await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      if (outcome === 'wrong') {
        const isAlarm = await this.#isAlarm(transaction, now);
        await this.#add(
          transaction,
          lanes.filter((lane) => !isOfOneSecret(lane)),
          { now, isAlarm },
        );
      } else if (outcome === 'right') {
        for (const lane of counted) await write(transaction, lane, none);
      } else {
        for (const lane of counted) {
          const { level, updatedAt } = await this.#read(transaction, lane, { now, isAlarm: false });
          await write(transaction, lane, { level: level - 1, updatedAt });
        }
      }
    });
  }

  async #add(transaction: Transaction<AuthSchema>, lanes: readonly Lane[], when: When): Promise<void> {
    for (const lane of lanes) {
      const { level } = await this.#read(transaction, lane, when);
      await write(transaction, lane, { level: level + 1, updatedAt: when.now });
    }
  }

  /** Seconds to wait before this lane lets a try through. */
  #waitOf({ kind }: Lane, { level, updatedAt }: Counter, { now, isAlarm }: When): number {
    const { limits } = this.#options;
    if (kind !== 'site' && kind !== 'wide') {
      return pauseAfter(level, limits) - Math.max(0, now - updatedAt) / 1000;
    }
    const tries = kind === 'site' ? limits.siteTries : limits.wideTries;
    const capacity = Math.max(1, tries * (isAlarm ? limits.alarmShare : 1));
    return (level + 1 - capacity) * this.#refillSeconds(isAlarm);
  }

  /** A counter as it is now: those of networks have leaked since they were written. */
  async #read(transaction: Transaction<AuthSchema>, lane: Lane, { now, isAlarm }: When): Promise<Counter> {
    const row = await transaction
      .selectFrom('guess_counters')
      .select(['level', 'updated_at'])
      .where('lane', '=', lane.lane)
      .executeTakeFirst();
    if (row === undefined) return none;
    const updatedAt = Number(row.updated_at);
    if (isOfOneSecret(lane)) return { level: row.level, updatedAt };
    const leaked = Math.max(0, now - updatedAt) / 1000 / this.#refillSeconds(isAlarm);
    return { level: Math.max(0, row.level - leaked), updatedAt: now };
  }

  #refillSeconds(isAlarm: boolean): number {
    const { networkRefill, alarmShare } = this.#options.limits;
    return isAlarm ? networkRefill / alarmShare : networkRefill;
  }

  /** Whether so many different names are being got wrong that somebody must be working through a list. */
  async #isAlarm(transaction: Transaction<AuthSchema>, now: number): Promise<boolean> {
    const { limits, logger } = this.#options;
    const since = now - limits.alarmWindow * 1000;
    const wrong = await transaction
      .selectFrom('guess_counters')
      .select('lane')
      .where('kind', '=', 'account')
      .where('updated_at', '>', since)
      .limit(limits.alarmNames)
      .execute();
    if (wrong.length < limits.alarmNames) return false;
    if (this.#alarmedAt <= since) {
      this.#alarmedAt = now;
      const detail = `wrong passwords for ${limits.alarmNames} names or more within ${limits.alarmWindow} s`;
      logger.warn(
        { event: 'guessing_alarm', names: limits.alarmNames },
        'somebody seems to try a list of passwords',
      );
      await audit(transaction, {
        at: now,
        actor: 'castling',
        action: 'alarm.guessing',
        subject: 'accounts',
        detail,
      });
    }
    return true;
  }

  #lanesOf(attempt: Attempt): readonly Lane[] {
    if ('device' in attempt) return [this.#lane('device', attempt.device)];
    if ('player' in attempt) return [this.#lane('player', attempt.player)];
    const networks = networksOf(attempt.address).map(({ prefix, size }) => this.#lane(size, prefix));
    if ('typedBy' in attempt) return [this.#lane('code', attempt.typedBy), ...networks];
    if ('factorOf' in attempt) return [this.#lane('factor', attempt.factorOf), ...networks];
    return 'name' in attempt ? [this.#accountLane(attempt.name), ...networks] : networks;
  }

  /** One lane for all forms of a name that mean one account. */
  #accountLane(typed: string): Lane {
    const reading = readPlayerName(typed);
    return this.#lane('account', reading.ok ? reading.name : `not a name: ${typed.slice(0, 256)}`);
  }

  #lane(kind: GuessLaneKind, text: string): Lane {
    const digest = createHmac('sha256', this.#options.key)
      .update(`castling guess 1:${kind}:${text}`)
      .digest();
    return { lane: digest.subarray(0, laneBytes).toString('base64url'), kind };
  }
}

const laneBytes = 16;
const none: Counter = { level: 0, updatedAt: 0 };

function isOfOneSecret({ kind }: Lane): boolean {
  return kind !== 'site' && kind !== 'wide';
}

/** A counter at zero is no counter. */
async function write(
  transaction: Transaction<AuthSchema>,
  { lane, kind }: Lane,
  { level, updatedAt }: Counter,
): Promise<void> {
  if (level <= 0) {
    await transaction.deleteFrom('guess_counters').where('lane', '=', lane).execute();
    return;
  }
  const values = { level, updated_at: updatedAt };
  await transaction
    .insertInto('guess_counters')
    .values({ lane, kind, ...values })
    .onConflict((conflict) => conflict.column('lane').doUpdateSet(values))
    .execute();
}

/** Seconds after which to try again when waiting does not help: until then somebody may have helped. */
const hopelessSeconds = 3_600;

function tooMany(waitSeconds: number): AuthError {
  const retryAfterSeconds = Number.isFinite(waitSeconds) ? Math.ceil(waitSeconds) : hopelessSeconds;
  return new AuthError('too_many_attempts', { retryAfterSeconds });
}
