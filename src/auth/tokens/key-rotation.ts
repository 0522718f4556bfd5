import type { Store } from '../../store/index.ts';
import { audit } from '../audit-log.ts';
import type { KeyEncryption } from '../key-encryption.ts';
import type { AuthSchema } from '../schema.ts';
import { newSigningKey } from './signing-keys.ts';

/** Milliseconds for which a key signs before another takes its place. */
const signsForMs = 30 * 86_400_000;
/**
 * Milliseconds for which a new key is published before it signs. Twice what others may keep the published set for (the
 * route says 5 minutes), and far more than our own processes take to hear of it.
 */
const leadMs = 600_000;
/**
 * Milliseconds after its last signature for which a key still verifies: the longest life of an access token (10 minutes), the
 * clocks' leeway, and a minute.
 */
const overlapMs = 720_000;
/** Milliseconds after which the row of a retired key, which is good for nothing, is deleted. */
const keptMs = 86_400_000;

export interface RotationOptions {
  readonly clock: () => number;
  readonly encryption: KeyEncryption;
  /** For the audit log. */
  readonly actor?: string;
}

export interface Rotation {
  readonly kid: string;
  /** When it begins to sign, Unix milliseconds. */
  readonly notBefore: number;
}

/**
 * Puts a new signing key in place of the present ones:
 *
 *     new  ──published──▶ signs ────────────▶
 *     old  ──signs──────▶ verifies ──▶ retired
 *          now            + 10 min     + 22 min
 *
 * `atOnce`, for a key that has leaked: the new one signs now and the old ones verify nothing any more, so that every access
 * token is refused and clients refresh.
 */
export async function rotateKeys(
  store: Store<AuthSchema>,
  { clock, encryption, actor = 'castling', atOnce = false }: RotationOptions & { readonly atOnce?: boolean },
): Promise<Rotation> {
  const made = await rotate(store, { clock, encryption, actor, atOnce, isDue: () => true });
  if (made === undefined) throw new Error('A rotation that is always due was not made.');
  return made;
}

/** The same on schedule: when the newest key has signed for 30 days. Of several processes that find it due, one does it. */
export async function rotateKeysWhenDue(
  store: Store<AuthSchema>,
  { clock, encryption, actor = 'castling' }: RotationOptions,
): Promise<Rotation | undefined> {
  const isDue = (newest: number | undefined) => newest !== undefined && newest + signsForMs <= clock();
  // A cheap look first: a key is made, and the write lock taken, only when there is reason to.
  const newest = await newestOf(store.db);
  return isDue(newest) ? await rotate(store, { clock, encryption, actor, atOnce: false, isDue }) : undefined;
}

async function rotate(
  store: Store<AuthSchema>,
  {
    clock,
    encryption,
    actor,
    atOnce,
    isDue,
  }: Required<RotationOptions> & {
    readonly atOnce: boolean;
    readonly isDue: (newest: number | undefined) => boolean;
  },
): Promise<Rotation | undefined> {
  const now = clock();
  const notBefore = atOnce ? now : now + leadMs;
  const retiredAt = atOnce ? now : notBefore + overlapMs;
  const key = await newSigningKey({ now, notBefore, encryption });
  return await store.db.transaction().execute(async (transaction) => {
    if (!isDue(await newestOf(transaction))) return undefined;
    await transaction
      .updateTable('signing_keys')
      .set({ retired_at: retiredAt })
      // One that was to be retired sooner still is.
      .where((row) => row.or([row('retired_at', 'is', null), row('retired_at', '>', retiredAt)]))
      .execute();
    await transaction
      .deleteFrom('signing_keys')
      .where('retired_at', '<', now - keptMs)
      .execute();
    await transaction.insertInto('signing_keys').values(key).execute();
    await transaction
      .insertInto('changes')
      .values({ kind: 'keys_changed', subject: key.kid, detail: '', at: now })
      .execute();
    const detail = atOnce ? 'at once' : `signs from ${new Date(notBefore).toISOString()}`;
    await audit(transaction, { at: now, actor, action: 'keys.rotate', subject: key.kid, detail });
    return { kid: key.kid, notBefore };
  });
}

async function newestOf(db: Store<AuthSchema>['db']): Promise<number | undefined> {
  const row = await db
    .selectFrom('signing_keys')
    .select('not_before')
    .where('retired_at', 'is', null)
    .orderBy('not_before', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : Number(row.not_before);
}
