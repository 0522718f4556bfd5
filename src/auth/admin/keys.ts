import type { Command } from 'commander';
import { KeyEncryption, readKeyEncryptionFile } from '../key-encryption.ts';
import { rotateKeys } from '../tokens/key-rotation.ts';
import { SigningKeys } from '../tokens/signing-keys.ts';
import { type AdminContext, type AdminOptions, adminAction, moment } from './admin-command.ts';

interface RotateOptions extends AdminOptions {
  readonly atOnce?: boolean;
}

/** `castling admin keys …` */
export function registerKeys(admin: Command): void {
  const keys = admin.command('keys').description('list and rotate the keys that sign access tokens');
  adminAction(
    keys.command('list').description('list the keys, newest first; never what is secret of them'),
    listKeys,
  );
  adminAction<RotateOptions>(
    keys
      .command('rotate')
      .description('put a new signing key in place, in time for nobody to notice')
      .option(
        '--at-once',
        'a key has leaked: refuse all its tokens now; players stay signed in by refreshing',
      ),
    rotate,
    { shortKeys: ['auth.keyEncryptionFile'] },
  );
}

async function listKeys({ store, list }: AdminContext): Promise<void> {
  const rows = await store.db
    .selectFrom('signing_keys')
    .select(['kid', 'alg', 'created_at', 'not_before', 'retired_at'])
    .orderBy('not_before', 'desc')
    .execute();
  list(
    rows.map((row) => ({
      kid: row.kid,
      alg: row.alg,
      created: moment(row.created_at),
      signsFrom: moment(row.not_before),
      retired: row.retired_at === null ? null : moment(row.retired_at),
    })),
  );
}

async function rotate({ store, settings, actor, say }: AdminContext, options: RotateOptions): Promise<void> {
  const secret =
    settings.keyEncryptionFile === undefined
      ? undefined
      : await readKeyEncryptionFile(settings.keyEncryptionFile);
  const encryption = new KeyEncryption(secret);
  // Opens the present keys: with another secret than theirs, the new one would be a key that no proxy can read.
  await SigningKeys.load({ store, clock: Date.now, encryption });
  const { kid, notBefore } = await rotateKeys(store, {
    clock: Date.now,
    encryption,
    actor,
    atOnce: options.atOnce === true,
  });
  const when = options.atOnce ? 'now; tokens of older keys are refused' : `from ${moment(notBefore)}`;
  say(`Key ${kid} signs ${when}.`, { kid, notBefore });
}
