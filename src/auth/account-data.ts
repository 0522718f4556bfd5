import type { PlayerId } from '../protocol/ids.ts';
import type { Store } from '../store/index.ts';
import { AuthError } from './auth-error.ts';
import { isGuest } from './guests/guest-mark.ts';
import type { ExportAnswer } from './http-schemas.ts';
import { passkeysOf } from './passkeys/passkeys.ts';
import { dayText, routeUsesOf } from './route-uses.ts';
import type { AuthSchema } from './schema.ts';

/**
 * Everything that the account database says about a player, for the player (GDPR article 15). Digests of secrets are left out:
 * they say nothing, and would help whoever took the file.
 *
 * @throws AuthError `session_ended` when there is no such account any more
 */
export async function exportAccount(store: Store<AuthSchema>, player: PlayerId): Promise<ExportAnswer> {
  const account = await store.db
    .selectFrom('accounts')
    .select(['name', 'created_at', 'disabled_at', 'disabled_until'])
    .where('player', '=', player)
    .executeTakeFirst();
  if (account === undefined) throw new AuthError('session_ended');
  const [sessions, pseudonyms, log, codes, passkeys, totp, devices, outside, guest, uses] = await Promise.all(
    [
      store.db
        .selectFrom('sessions')
        .select([
          ...(['session', 'device', 'address', 'created_at', 'last_seen_at'] as const),
          ...(['expires_at', 'ended_at', 'ended_because'] as const),
        ])
        .where('player', '=', player)
        .orderBy('created_at')
        .execute(),
      store.db.selectFrom('pseudonyms').select(['realm', 'pseudonym']).where('player', '=', player).execute(),
      store.db
        .selectFrom('audit_log')
        .select(['at', 'action', 'detail'])
        .where('subject', '=', player)
        .orderBy('number')
        .execute(),
      store.db.selectFrom('recovery_codes').select('created_at').where('player', '=', player).execute(),
      passkeysOf(store.db, player),
      store.db
        .selectFrom('totp_secrets')
        .select(['created_at', 'confirmed_at'])
        .where('player', '=', player)
        .executeTakeFirst(),
      store.db.selectFrom('known_devices').select('last_used_at').where('player', '=', player).execute(),
      store.db
        .selectFrom('outside_identities')
        .select(['issuer', 'subject'])
        .where('player', '=', player)
        .executeTakeFirst(),
      isGuest(store.db, player),
      routeUsesOf(store.db, { player, day: 0 }),
    ],
  );
  return {
    player,
    name: account.name,
    createdAt: Number(account.created_at),
    bannedAt: numberOrNull(account.disabled_at),
    bannedUntil: numberOrNull(account.disabled_until),
    sessions: sessions.map((row) => ({
      session: row.session,
      device: row.device,
      address: row.address,
      createdAt: Number(row.created_at),
      lastSeenAt: Number(row.last_seen_at),
      expiresAt: Number(row.expires_at),
      endedAt: numberOrNull(row.ended_at),
      endedBecause: row.ended_because,
    })),
    pseudonyms,
    history: log.map(({ at, action, detail }) => ({ at: Number(at), action, detail })),
    recoveryCodes: codes.length,
    passkeys: [...passkeys],
    totp:
      totp === undefined
        ? null
        : { createdAt: Number(totp.created_at), confirmedAt: numberOrNull(totp.confirmed_at) },
    isGuest: guest,
    outsideIdentity: outside ?? null,
    knownDevices: devices.map((row) => Number(row.last_used_at)),
    routeUses: uses.map(({ route, day, connections, bytesUp, bytesDown, ms }) => ({
      ...{ route, day: dayText(day), connections, bytesUp, bytesDown },
      seconds: Math.round(ms / 1_000),
    })),
  };
}

function numberOrNull(value: number | null): number | null {
  return value === null ? null : Number(value);
}
