import type { Transaction } from 'kysely';
import type { PlayerId, RandomBytes } from '../../protocol/ids.ts';
import { isUniqueViolation, type Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { AuthError } from '../auth-error.ts';
import { networkDigest } from '../guessing/network-digest.ts';
import { isBanned } from '../is-banned.ts';
import type { AuthSchema, DeviceGrantRow } from '../schema.ts';
import { digestOfToken, newOpaqueToken } from '../tokens/opaque-token.ts';
import { digestOfUserCode, newUserCode } from './user-code.ts';

/** Seconds to find a browser and sign in there. */
const grantSeconds = 600;
/** Milliseconds between two questions of a terminal; each that comes sooner makes it wait so much longer (RFC 8628 section 3.5). */
const intervalMs = 5_000;
const intervalMost = 60_000;
/** A terminal's clock and the network are not exact. */
const toleranceMs = 500;
/** Of what a terminal says of itself. */
const userAgentMost = 256;

interface GrantLimits {
  /** Open ones of one network; a further one takes the place of its oldest. */
  readonly perNetwork: number;
  /** Of all; beyond it nobody is let in by this way for a while, since taking another's place would be a way to disturb. */
  readonly most: number;
}

const grantLimits: GrantLimits = { perNetwork: 32, most: 5_000 };

export interface DeviceGrantsOptions {
  readonly store: Store<AuthSchema>;
  readonly limits?: GrantLimits;
  /** For user codes and networks. */
  readonly key: Buffer;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

export interface StartedGrant {
  readonly deviceCode: string;
  readonly userCode: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Seconds. */
  readonly interval: number;
}

/** What a person sees of a terminal that wants to be let in. Times in Unix milliseconds. */
export interface WaitingTerminal {
  readonly device: string | null;
  /** What its program says it is: anybody may say anything. */
  readonly userAgent: string | null;
  readonly address: string;
  /** Whether whoever looks is in the same network. */
  readonly isNear: boolean;
  readonly askedAt: number;
  readonly expiresAt: number;
}

export interface LetIn {
  readonly player: PlayerId;
  readonly name: string;
  readonly device: string | null;
}

/**
 * The device flow (RFC 8628): a terminal shows a short code, and somebody who is signed in in a browser lets it in.
 *
 *     pending ──approve──▶ approved ──the terminal asks──▶ (gone, with a session)
 *        │ └────deny─────▶ denied ────the terminal asks──▶ (gone)
 *        └──time──▶ (gone)
 *
 * Neither code is in the store; every process that shares it sees the same grants.
 */
export class DeviceGrants {
  readonly #options: DeviceGrantsOptions;

  constructor(options: DeviceGrantsOptions) {
    this.#options = options;
  }

  /** @throws AuthError `busy` when too many wait already */
  async begin({
    device,
    userAgent,
    address,
  }: {
    readonly device: string | undefined;
    readonly userAgent: string | undefined;
    readonly address: string;
  }): Promise<StartedGrant> {
    const { store, key, clock, randomBytes } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const deviceCode = newOpaqueToken('deviceCode', randomBytes);
      const userCode = newUserCode(randomBytes);
      const now = clock();
      const network = networkDigest(address, key);
      const row: DeviceGrantRow = {
        digest: digestOfToken(deviceCode),
        user_digest: digestOfUserCode(userCode, key) ?? '',
        state: 'pending',
        player: null,
        device: device ?? null,
        user_agent: userAgent?.slice(0, userAgentMost) ?? null,
        address,
        network,
        interval_ms: intervalMs,
        polled_at: null,
        created_at: now,
        expires_at: now + grantSeconds * 1000,
      };
      try {
        await store.db.transaction().execute(async (transaction) => {
          await this.#makeRoom(transaction, { network, now });
          await transaction.insertInto('device_grants').values(row).execute();
        });
        return { deviceCode, userCode, expiresIn: grantSeconds, interval: intervalMs / 1000 };
      } catch (error) {
        // Somebody has that user code at this moment.
        if (!isUniqueViolation(error) || tries === codeTries) throw error;
      }
    }
  }

  /** @throws AuthError `user_code_unknown` */
  async look(userCode: string, address: string): Promise<WaitingTerminal> {
    const { key } = this.#options;
    const row = await this.#pending(userCode);
    return {
      device: row.device,
      userAgent: row.user_agent,
      address: row.address,
      isNear: row.network === networkDigest(address, key),
      askedAt: Number(row.created_at),
      expiresAt: Number(row.expires_at),
    };
  }

  /** Decides once; of two decisions at once the second is refused. @throws AuthError `user_code_unknown` */
  async decide(
    player: PlayerId,
    userCode: string,
    state: Exclude<DeviceGrantRow['state'], 'pending'>,
  ): Promise<void> {
    const { store, clock } = this.#options;
    const { digest } = await this.#pending(userCode);
    await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const { numUpdatedRows } = await transaction
        .updateTable('device_grants')
        .set({ state, player: state === 'approved' ? player : null })
        .where('digest', '=', digest)
        .where('state', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) throw new AuthError('user_code_unknown');
      if (state === 'approved') {
        await audit(transaction, { at: now, actor: 'player', action: 'device.approve', subject: player });
      }
    });
  }

  /**
   * What a terminal hears that asks whether it has been let in; that it has, once.
   *
   * @throws AuthError `authorization_pending`, `slow_down`, `access_denied`, `expired_token` (also for a code that nobody gave out)
   */
  async poll(deviceCode: string): Promise<LetIn> {
    const { store, clock } = this.#options;
    const outcome = await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const row = await transaction
        .selectFrom('device_grants')
        .selectAll()
        .where('digest', '=', digestOfToken(deviceCode))
        .executeTakeFirst();
      if (row === undefined || Number(row.expires_at) <= now) return new AuthError('expired_token');
      if (row.state === 'pending') return await noteQuestion(transaction, row, now);
      const { numDeletedRows } = await transaction
        .deleteFrom('device_grants')
        .where('digest', '=', row.digest)
        .executeTakeFirst();
      if (numDeletedRows !== 1n) return new AuthError('expired_token');
      const account =
        row.player === null
          ? undefined
          : await transaction
              .selectFrom('accounts')
              .select(['player', 'name', 'disabled_at', 'disabled_until'])
              .where('player', '=', row.player)
              .executeTakeFirst();
      if (account === undefined || isBanned(account, now)) return new AuthError('access_denied');
      return { player: account.player, name: account.name, device: row.device };
    });
    // Thrown in there, it would undo what was noted.
    if (outcome instanceof AuthError) throw outcome;
    return outcome;
  }

  async forgetOld(): Promise<void> {
    const { store, clock } = this.#options;
    await store.db.deleteFrom('device_grants').where('expires_at', '<=', clock()).execute();
  }

  async #pending(userCode: string): Promise<DeviceGrantRow> {
    const { store, key, clock } = this.#options;
    const row = await store.db
      .selectFrom('device_grants')
      .selectAll()
      .where('user_digest', '=', digestOfUserCode(userCode, key) ?? '')
      .where('state', '=', 'pending')
      .where('expires_at', '>', clock())
      .executeTakeFirst();
    if (row === undefined) throw new AuthError('user_code_unknown');
    return row;
  }

  async #makeRoom(
    transaction: Transaction<AuthSchema>,
    { network, now }: { readonly network: string; readonly now: number },
  ): Promise<void> {
    const { perNetwork, most } = this.#options.limits ?? grantLimits;
    await transaction.deleteFrom('device_grants').where('expires_at', '<=', now).execute();
    const surplus = transaction
      .selectFrom('device_grants')
      .select('digest')
      .where('network', '=', network)
      .orderBy('created_at', 'desc')
      .orderBy('digest')
      .limit(perNetwork)
      .offset(perNetwork - 1);
    await transaction.deleteFrom('device_grants').where('digest', 'in', surplus).execute();
    const { count } = await transaction
      .selectFrom('device_grants')
      .select(({ fn }) => fn.countAll().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= most) throw new AuthError('busy', { retryAfterSeconds: 60 });
  }
}

const codeTries = 4;

async function noteQuestion(
  transaction: Transaction<AuthSchema>,
  row: DeviceGrantRow,
  now: number,
): Promise<AuthError> {
  const isHasty =
    row.polled_at !== null && now - Number(row.polled_at) < Number(row.interval_ms) - toleranceMs;
  const interval = isHasty ? Math.min(intervalMost, Number(row.interval_ms) + intervalMs) : row.interval_ms;
  await transaction
    .updateTable('device_grants')
    .set({ polled_at: now, interval_ms: interval })
    .where('digest', '=', row.digest)
    .execute();
  return new AuthError(isHasty ? 'slow_down' : 'authorization_pending', {
    retryAfterSeconds: Math.ceil(Number(interval) / 1000),
  });
}
