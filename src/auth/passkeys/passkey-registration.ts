import { createHash } from 'node:crypto';
import type { PlayerId } from '../../protocol/ids.ts';
import { isUniqueViolation, type Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import { AuthError } from '../auth-error.ts';
import type { AccountRow, AuthSchema } from '../schema.ts';
import { type Ceremonies, type PasskeyCaller, refused } from './ceremonies.ts';
import { challengeMs } from './challenges.ts';
import type { CreationOptions, RegistrationResponse } from './passkey-schemas.ts';
import { credentialsOf, type ListedPasskey, listed, passkeysMost, userHandle } from './passkeys.ts';
import { keyAlgorithms, verifyRegistration } from './webauthn.ts';

export interface PasskeyRegistrationOptions {
  readonly store: Store<AuthSchema>;
  readonly ceremonies: Ceremonies;
  readonly clock: () => number;
}

/** How a passkey is made for an account (WebAuthn section 7.1). */
export class PasskeyRegistration {
  readonly #options: PasskeyRegistrationOptions;

  constructor(options: PasskeyRegistrationOptions) {
    this.#options = options;
  }

  /**
   * What a browser needs to make one. Only for players who have just shown who they are: the challenge stands for that, too.
   *
   * @throws AuthError `passkeys_unavailable`, `passkeys_full`
   */
  async options(
    { player, name }: Pick<AccountRow, 'player' | 'name'>,
    caller: PasskeyCaller,
  ): Promise<CreationOptions> {
    const { store, ceremonies } = this.#options;
    const { id } = ceremonies.relyingParty(caller.host);
    if ((await countOf(store.db, player)) >= passkeysMost) throw new AuthError('passkeys_full');
    const present = await credentialsOf(store.db, { player, rpId: id });
    const { challenge } = await ceremonies.begin({ purpose: 'register', player, isNamed: true }, caller);
    return {
      rp: { id, name: 'Castling' },
      user: { id: userHandle(player), name, displayName: name },
      challenge,
      pubKeyCredParams: keyAlgorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: challengeMs,
      excludeCredentials: present.map((credential) => ({ id: credential, type: 'public-key' })),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
    };
  }

  /** Keeps what was made. @throws AuthError `passkey_refused`, `passkey_known`, `passkeys_full`, `passkeys_unavailable` */
  async add(
    player: PlayerId,
    { name, response }: { readonly name: string; readonly response: RegistrationResponse },
    { host }: Pick<PasskeyCaller, 'host'>,
  ): Promise<ListedPasskey> {
    const { store, ceremonies, clock } = this.#options;
    const { clientDataJSON } = response.response;
    const ceremony = await ceremonies.finish(clientDataJSON, { host, purpose: 'register' });
    if (!ceremony.allows(player)) throw refused('the challenge was made for somebody else');
    const made = await verifyRegistration(response, ceremony);
    const row = {
      passkey: idOf(made.credential),
      player,
      credential: made.credential,
      rp_id: ceremony.relyingParty.id,
      public_key: made.publicKey,
      counter: made.counter,
      name,
      synced: made.isSynced ? 1 : 0,
      created_at: clock(),
      last_used_at: null,
      suspected_at: null,
    };
    try {
      await store.db.transaction().execute(async (transaction) => {
        await transaction.insertInto('passkeys').values(row).execute();
        if ((await countOf(transaction, player)) > passkeysMost) throw new AuthError('passkeys_full');
        const entry = { at: row.created_at, actor: 'player', subject: player, detail: row.passkey };
        await audit(transaction, { ...entry, action: 'passkey.add' });
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new AuthError('passkey_known');
      throw error;
    }
    return listed(row);
  }
}

/** Short, for addresses: credential ids may have a thousand bytes. */
function idOf(credential: string): string {
  return `k_${createHash('sha256').update(credential).digest('base64url').slice(0, 22)}`;
}

async function countOf(db: Store<AuthSchema>['db'], player: PlayerId): Promise<number> {
  const { count } = await db
    .selectFrom('passkeys')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('player', '=', player)
    .executeTakeFirstOrThrow();
  return Number(count);
}
