import { base64url, type RandomBytes } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { KeyEncryption } from './key-encryption.ts';
import type { AuthSchema, SecretPurpose } from './schema.ts';

const keyBytes = 32;

/** A 256-bit key of this installation, made when the store has none for that purpose: processes that start together agree. */
export async function loadSecretKey(
  store: Store<AuthSchema>,
  {
    purpose,
    clock,
    randomBytes,
    encryption,
  }: {
    readonly purpose: SecretPurpose;
    readonly clock: () => number;
    readonly randomBytes: RandomBytes;
    readonly encryption: KeyEncryption;
  },
): Promise<Buffer> {
  await store.db
    .insertInto('secret_keys')
    .values({
      purpose,
      secret: encryption.seal(base64url(randomBytes(keyBytes)), purpose),
      created_at: clock(),
    })
    .onConflict((conflict) => conflict.column('purpose').doNothing())
    .execute();
  const { secret } = await store.db
    .selectFrom('secret_keys')
    .select('secret')
    .where('purpose', '=', purpose)
    .executeTakeFirstOrThrow();
  if (encryption.isOn && !KeyEncryption.isSealed(secret)) {
    await store.db
      .updateTable('secret_keys')
      .set({ secret: encryption.seal(secret, purpose) })
      .where('purpose', '=', purpose)
      .where('secret', '=', secret)
      .execute();
  }
  const key = Buffer.from(encryption.open(secret, purpose), 'base64url');
  if (key.length !== keyBytes) throw new Error(`The ${purpose} key in the auth store is damaged.`);
  return key;
}
