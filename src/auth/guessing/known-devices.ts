import type { PlayerId, RandomBytes } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { readPlayerName } from '../names/player-name.ts';
import type { AuthSchema } from '../schema.ts';
import { digestOfToken, newOpaqueToken } from '../tokens/opaque-token.ts';

/** Devices remembered for each player; a further one takes the place of the one unused for longest. */
const devicesMost = 32;

export interface KnownDevicesOptions {
  readonly store: Store<AuthSchema>;
  readonly clock: () => number;
  readonly randomBytes: RandomBytes;
}

/**
 * Devices that have signed in to an account, each known by a token that it keeps after signing out. The token opens nothing: it
 * only gives the device its own count of wrong tries, so that a stranger who guesses cannot keep the owner out.
 */
export class KnownDevices {
  readonly #options: KnownDevicesOptions;

  constructor(options: KnownDevicesOptions) {
    this.#options = options;
  }

  /** What stands for this device on this account; `undefined` when it has not signed in to it. */
  async find({
    name,
    token,
  }: {
    readonly name: string;
    readonly token: string;
  }): Promise<string | undefined> {
    const wanted = readPlayerName(name);
    if (!wanted.ok) return undefined;
    const row = await this.#options.store.db
      .selectFrom('known_devices')
      .innerJoin('accounts', 'accounts.player', 'known_devices.player')
      .select('known_devices.digest')
      .where('known_devices.digest', '=', digestOfToken(token))
      .where('accounts.name', '=', wanted.name)
      .executeTakeFirst();
    return row?.digest;
  }

  /** Notes that a device has signed in; gives a token to keep when it shows none of this player's. */
  async remember(player: PlayerId, shown: string | undefined): Promise<string | undefined> {
    const { store, clock, randomBytes } = this.#options;
    return await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const { numUpdatedRows } = await transaction
        .updateTable('known_devices')
        .set({ last_used_at: now })
        .where('digest', '=', shown === undefined ? '' : digestOfToken(shown))
        .where('player', '=', player)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return undefined;
      const token = newOpaqueToken('device', randomBytes);
      await transaction
        .insertInto('known_devices')
        .values({ digest: digestOfToken(token), player, last_used_at: now })
        .execute();
      const surplus = transaction
        .selectFrom('known_devices')
        .select('digest')
        .where('player', '=', player)
        .orderBy('last_used_at', 'desc')
        .orderBy('digest')
        .limit(devicesMost)
        .offset(devicesMost);
      await transaction.deleteFrom('known_devices').where('digest', 'in', surplus).execute();
      return token;
    });
  }
}
