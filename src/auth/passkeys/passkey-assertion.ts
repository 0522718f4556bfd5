import type { PlayerId } from '../../protocol/ids.ts';
import type { Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { isBanned } from '../is-banned.ts';
import { readPlayerName } from '../names/player-name.ts';
import type { AccountRow, AuthSchema } from '../schema.ts';
import { type Ceremonies, type PasskeyCaller, refused } from './ceremonies.ts';
import { challengeMs } from './challenges.ts';
import { decoys } from './decoys.ts';
import type { AuthenticationResponse, RequestOptions } from './passkey-schemas.ts';
import { credentialsOf, passkeysMost, userHandle } from './passkeys.ts';
import { verifyAssertion } from './webauthn.ts';

export interface PasskeyAssertionOptions {
  readonly store: Store<AuthSchema>;
  readonly ceremonies: Ceremonies;
  /** For the ids of passkeys that do not exist. */
  readonly key: Buffer;
  readonly clock: () => number;
}

/** How a passkey shows whose it is (WebAuthn section 7.2). */
export class PasskeyAssertion {
  readonly #options: PasskeyAssertionOptions;

  constructor(options: PasskeyAssertionOptions) {
    this.#options = options;
  }

  /**
   * What a browser needs to sign in: with whatever passkey it has for this server, or with one of an account by name. For a name
   * that nobody has, and for one without passkeys, the answer looks the same.
   *
   * @throws AuthError `passkeys_unavailable`
   */
  async signInOptions(name: string | undefined, caller: PasskeyCaller): Promise<RequestOptions> {
    const { store, ceremonies, key } = this.#options;
    const purpose = 'sign_in';
    if (name === undefined) {
      const { challenge, relyingParty } = await ceremonies.begin(
        { purpose, player: null, isNamed: false },
        caller,
      );
      return requestOptions({ rpId: relyingParty.id, challenge, credentials: [] });
    }
    const { id: rpId } = ceremonies.relyingParty(caller.host);
    const player = await this.#playerNamed(name);
    const present = await credentialsOf(store.db, { player: player ?? nobody, rpId });
    // As many for everybody, in an order that does not tell which of them exist.
    const made = decoys({ name, count: passkeysMost, key }).slice(present.length);
    const { challenge } = await ceremonies.begin({ purpose, player, isNamed: true }, caller);
    return requestOptions({ rpId, challenge, credentials: [...present, ...made].toSorted() });
  }

  /** The same for a player who is signed in and is to show once more who that is. @throws AuthError `passkeys_unavailable` */
  async proofOptions(player: PlayerId, caller: PasskeyCaller): Promise<RequestOptions> {
    const { store, ceremonies } = this.#options;
    const { challenge, relyingParty } = await ceremonies.begin(
      { purpose: 'reauthenticate', player, isNamed: true },
      caller,
    );
    const rpId = relyingParty.id;
    return requestOptions({ rpId, challenge, credentials: await credentialsOf(store.db, { player, rpId }) });
  }

  /**
   * The account whose passkey answers. Whatever is wrong, the answer is the same: an unknown passkey, a wrong signature, a
   * banned account, a challenge that is over.
   *
   * @throws AuthError `passkey_refused`, `passkeys_unavailable`
   */
  async authenticate(
    response: AuthenticationResponse,
    {
      host,
      purpose,
      player: claimed,
    }: {
      readonly host: string;
      readonly purpose: 'sign_in' | 'reauthenticate';
      /** Whose it has to be, where that is known. */
      readonly player?: PlayerId;
    },
  ): Promise<AccountRow> {
    const { store, ceremonies, clock } = this.#options;
    const ceremony = await ceremonies.finish(response.response.clientDataJSON, { host, purpose });
    const row = await store.db
      .selectFrom('passkeys')
      .selectAll()
      .where('credential', '=', response.id)
      .where('rp_id', '=', ceremony.relyingParty.id)
      .executeTakeFirst();
    if (row === undefined) throw refused('nobody has this passkey');
    const { player, passkey, credential, public_key: publicKey } = row;
    if (!ceremony.allows(player) || (claimed !== undefined && claimed !== player))
      throw refused('somebody else was asked for');
    const handle = response.response.userHandle ?? userHandle(player);
    if (handle !== userHandle(player)) throw refused('the passkey names another account');
    const counter = await verifyAssertion(response, { ...ceremony, credential, publicKey });
    const account = await store.db
      .selectFrom('accounts')
      .selectAll()
      .where('player', '=', player)
      .executeTakeFirst();
    if (account === undefined || isBanned(account, clock())) throw refused('the account is shut');
    await this.#noteUse({ passkey, player, counter });
    return account;
  }

  /**
   * A counter that has not grown says that there are two of the same passkey (WebAuthn section 6.1.1). Synced passkeys have none
   * and always say 0.
   */
  async #noteUse({
    passkey,
    player,
    counter,
  }: {
    readonly passkey: string;
    readonly player: PlayerId;
    readonly counter: number;
  }): Promise<void> {
    const { store, clock } = this.#options;
    const hasGrown = await store.db.transaction().execute(async (transaction) => {
      const now = clock();
      const { numUpdatedRows } = await transaction
        .updateTable('passkeys')
        .set({ counter, last_used_at: now })
        .where('passkey', '=', passkey)
        .where('counter', counter === 0 ? '=' : '<', counter)
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return true;
      await transaction
        .updateTable('passkeys')
        .set({ suspected_at: now })
        .where('passkey', '=', passkey)
        .execute();
      const entry = { at: now, actor: 'castling', subject: player, detail: passkey };
      await audit(transaction, { ...entry, action: 'passkey.suspect' });
      return false;
    });
    if (!hasGrown) throw refused('the counter has not grown, so that the passkey may have been copied');
  }

  async #playerNamed(name: string): Promise<PlayerId | null> {
    const wanted = readPlayerName(name);
    const row = await this.#options.store.db
      .selectFrom('accounts')
      .select('player')
      .where('name', '=', wanted.ok ? wanted.name : '')
      .executeTakeFirst();
    return row?.player ?? null;
  }
}

/** No account has it, so that a look for its passkeys finds none. */
const nobody = '' as PlayerId;

function requestOptions({
  rpId,
  challenge,
  credentials,
}: {
  readonly rpId: string;
  readonly challenge: string;
  readonly credentials: readonly string[];
}): RequestOptions {
  return {
    challenge,
    timeout: challengeMs,
    rpId,
    allowCredentials: credentials.map((id) => ({ id, type: 'public-key' })),
    userVerification: 'required',
  };
}
