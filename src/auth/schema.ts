import type { Generated } from 'kysely';
import type { PlayerId, Pseudonym, SessionId } from '../protocol/ids.ts';
import type { SignatureAlgorithm } from './tokens/verification-key.ts';

/** The tables of the auth store. Times are Unix milliseconds; `null` means that it has not happened. */
export interface AuthSchema {
  accounts: AccountRow;
  sessions: SessionRow;
  refresh_tokens: RefreshTokenRow;
  signing_keys: SigningKeyRow;
  secret_keys: SecretKeyRow;
  pseudonyms: PseudonymRow;
  password_costs: PasswordCostRow;
  recovery_codes: RecoveryCodeRow;
  guess_counters: GuessCounterRow;
  known_devices: KnownDeviceRow;
  device_grants: DeviceGrantRow;
  passkeys: PasskeyRow;
  passkey_challenges: PasskeyChallengeRow;
  totp_secrets: TotpSecretRow;
  sign_in_tickets: SignInTicketRow;
  changes: ChangeRow;
  audit_log: AuditRow;
  spent_proofs: SpentProofRow;
  guests: GuestRow;
  outside_identities: OutsideIdentityRow;
  outside_sessions: OutsideSessionRow;
  outside_deletions: OutsideDeletionRow;
  route_uses: RouteUseRow;
}

export interface AccountRow {
  player: PlayerId;
  /** Canonical and displayed form (RFC 8265). */
  name: string;
  /** What the name looks like (UTS 39); unique too, so that nobody can look like somebody else. */
  name_skeleton: string;
  /** PHC string of argon2id; empty when an operator took the password away. */
  password_digest: string;
  created_at: number;
  /** When the account was banned; it stays so until `disabled_until`, or for good when that is null. */
  disabled_at: number | null;
  disabled_until: number | null;
  disabled_reason: string | null;
}

/** Who somebody is for an outside issuer. */
interface OutsideIdentityRow {
  issuer: string;
  subject: string;
  player: PlayerId;
}

/** The session here of a sign-in there. */
interface OutsideSessionRow {
  /** SHA-256 of the issuer, the subject and its sign-in or token, base64url. */
  digest: string;
  session: SessionId;
  /** Tokens issued until then belong to a session before this one, which has ended. */
  not_before: number;
}

/** That an account was deleted, for as long as a token from before may be shown. */
interface OutsideDeletionRow {
  /** SHA-256 of the issuer and the subject, base64url. */
  digest: string;
  at: number;
}

/** A player without a password. The row goes when one is chosen. */
interface GuestRow {
  player: PlayerId;
  made_at: number;
  /** Networks that the guest came from, each as a keyed hash: one address or IPv6 /64, and the /48 around it. */
  site: string;
  wide: string | null;
}

/** What one player has had of one route in one day. */
interface RouteUseRow {
  player: PlayerId;
  route: string;
  /** Days since 1970, UTC. */
  day: number;
  connections: number;
  /** From the player, and back. */
  bytes_up: number;
  bytes_down: number;
  /** Milliseconds for which connections were open, all together. */
  ms: number;
}

interface SessionRow {
  session: SessionId;
  player: PlayerId;
  /** What the player called the device, for a list of sign-ins. */
  device: string | null;
  /** Where it was last heard of: IPv4 or IPv6. */
  address: string | null;
  created_at: number;
  last_seen_at: number;
  /** When the session ends although it is used. */
  expires_at: number;
  ended_at: number | null;
  ended_because: SessionEnd | null;
  /** Thumbprint of the key that its tokens are bound to (RFC 9449); `null` for bearer tokens. */
  key_thumbprint: string | null;
}

/** Why a session ended before its time. */
export type SessionEnd =
  /** Its own player left it. */
  | 'logout'
  /** Its player ended it from another session. */
  | 'logout_elsewhere'
  /** Its player signed in more often than is kept, and this one had been unused for longest. */
  | 'displaced'
  | 'refresh_token_reused'
  | 'password_changed'
  | 'banned'
  /** An operator ended it. */
  | 'revoked'
  | 'account_deleted';

interface RefreshTokenRow {
  /** SHA-256 of the token, base64url. */
  digest: string;
  session: SessionId;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
  /** The token that it was traded for, sealed under this one; only while that may be asked for again. */
  sealed_next: string | null;
}

/** A proof of possession that has been used, for as long as it could be used again. */
interface SpentProofRow {
  /** SHA-256 of the key's thumbprint and the proof's id, base64url. */
  digest: string;
  thumbprint: string;
  good_until: number;
}

/** Deleted when used. */
interface RecoveryCodeRow {
  /** SHA-256 of the code, base64url. */
  digest: string;
  player: PlayerId;
  created_at: number;
  /** `null` for those that the player keeps. */
  expires_at: number | null;
}

export type GuessLaneKind = 'account' | 'device' | 'player' | 'factor' | 'code' | 'site' | 'wide';

/** Wrong tries in one lane. What the lane is for can be read only with the key for guessing. */
interface GuessCounterRow {
  lane: string;
  kind: GuessLaneKind;
  /** As it was at `updated_at`; fractions are what has leaked. */
  level: number;
  updated_at: number;
}

export interface DeviceGrantRow {
  /** SHA-256 of the device code, base64url. */
  digest: string;
  /** HMAC of the user code under the key for guessing, base64url. */
  user_digest: string;
  state: 'pending' | 'approved' | 'denied';
  /** Who has approved. */
  player: PlayerId | null;
  /** What the terminal calls itself, for the list of sign-ins. */
  device: string | null;
  user_agent: string | null;
  /** Where the terminal is, for the person who decides. */
  address: string;
  /** The same, readable with the key for guessing alone. */
  network: string;
  /** Between two questions of the terminal. */
  interval_ms: number;
  polled_at: number | null;
  created_at: number;
  expires_at: number;
}

export interface PasskeyRow {
  /** Short id of ours. */
  passkey: string;
  player: PlayerId;
  /** The authenticator's id for it, base64url. */
  credential: string;
  /** The domain that it is for. */
  rp_id: string;
  /** COSE, base64url. */
  public_key: string;
  /** How often it has signed, as it says; 0 for those that do not count. */
  counter: number;
  /** What its player calls it. */
  name: string;
  /** 1 when it is copied to other devices of its player, else 0. */
  synced: number;
  created_at: number;
  last_used_at: number | null;
  /** When its counter had not grown. */
  suspected_at: number | null;
}

export type PasskeyPurpose = 'register' | 'sign_in' | 'reauthenticate';

/** Deleted when answered. */
interface PasskeyChallengeRow {
  /** SHA-256 of the challenge, base64url. */
  digest: string;
  purpose: PasskeyPurpose;
  /** Whose passkey must answer. */
  player: PlayerId | null;
  /** 1 when somebody in particular was asked for: without `player`, one who does not exist. */
  named: number;
  rp_id: string;
  /** Who asked for it, readable with the key for guessing alone. */
  network: string;
  created_at: number;
  expires_at: number;
}

/** At most one of a player. */
interface TotpSecretRow {
  player: PlayerId;
  /** 160 bits, base64url; sealed where a key-encryption secret is given. */
  secret: string;
  created_at: number;
  /** Until a code of it was shown, it counts for nothing. */
  confirmed_at: number | null;
  /** The step of the last code used; neither it nor an earlier one counts again. */
  last_step: number | null;
}

interface SignInTicketRow {
  /** SHA-256 of the ticket, base64url. */
  digest: string;
  player: PlayerId;
  tries_left: number;
  created_at: number;
  expires_at: number;
}

interface KnownDeviceRow {
  /** SHA-256 of the device's token, base64url. */
  digest: string;
  player: PlayerId;
  last_used_at: number;
}

export interface SigningKeyRow {
  /** RFC 7638 thumbprint. */
  kid: string;
  alg: SignatureAlgorithm;
  /** JSON of the private JWK, sealed where a key-encryption secret is given. */
  private_jwk: string;
  created_at: number;
  /** From when on tokens are signed with it. It is published and verifies before that, so that caches learn it. */
  not_before: number;
  /** From when on it verifies nothing any more. */
  retired_at: number | null;
}

export type SecretPurpose = 'pairwise' | 'guessing' | 'proof-nonce';

interface SecretKeyRow {
  purpose: SecretPurpose;
  /** 256 bits, base64url; sealed where a key-encryption secret is given. */
  secret: string;
  created_at: number;
}

interface PseudonymRow {
  realm: string;
  pseudonym: Pseudonym;
  player: PlayerId;
}

/** One row: the cost that start-up calibration chose, the same for every process that uses this store. */
interface PasswordCostRow {
  id: 1;
  memory_kib: number;
  passes: number;
  measured_at: number;
}

/** Something that every process that uses this store must hear of. Only added, and deleted when everybody has read it. */
export interface ChangeRow {
  number: Generated<number>;
  kind: ChangeKind;
  /** A session, a player, or a key, as the kind says. */
  subject: string;
  detail: string;
  at: number;
}

export type ChangeKind = 'session_ended' | 'keys_changed' | 'player_changed';

/** Who did what to whom. Names are left out, so that an erased player is erased from here too: ids say enough. */
interface AuditRow {
  number: Generated<number>;
  at: number;
  /** `player` for the player of the account, `operator:NAME` for an account of the machine, `castling` for itself. */
  actor: string;
  action: string;
  /** A player's id, or a key's. */
  subject: string;
  detail: string;
}
