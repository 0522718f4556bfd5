import type { Kysely } from 'kysely';
import type { AuthSchema } from './schema.ts';

export type AuditAction =
  | 'user.ban'
  | 'user.unban'
  | 'user.reset'
  | 'user.delete'
  | 'guest.upgrade'
  | 'session.revoke'
  | 'password.change'
  | 'password.recover'
  | 'recovery.renew'
  /** A recovery code stood in for the second factor. */
  | 'recovery.use'
  /** A terminal was let in by a browser. */
  | 'device.approve'
  | 'passkey.add'
  | 'passkey.remove'
  /** Its counter had not grown. */
  | 'passkey.suspect'
  | 'totp.enable'
  | 'totp.disable'
  | 'keys.rotate'
  | 'alarm.guessing';

export interface AuditEntry {
  /** Unix milliseconds. */
  readonly at: number;
  /** `player`, `operator:NAME` or `castling`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The id of whom or what it was done to. Never a name: an erased player's may not stay here. */
  readonly subject: string;
  /** What is worth knowing beside: a reason, an end. Never a secret. */
  readonly detail?: string;
}

/** The only writer of the audit log: adds one entry, in the transaction of what it tells of. */
export async function audit(
  transaction: Kysely<AuthSchema>,
  { detail = '', ...entry }: AuditEntry,
): Promise<void> {
  await transaction
    .insertInto('audit_log')
    .values({ ...entry, detail })
    .execute();
}
