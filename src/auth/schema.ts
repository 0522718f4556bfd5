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
}

export interface AccountRow {
  player: PlayerId;
  /** Canonical and displayed form (RFC 8265). */
  name: string;
  /** What the name looks like (UTS 39); unique too, so that nobody can look like somebody else. */
  name_skeleton: string;
  /** PHC string of argon2id. */
  password_digest: string;
  created_at: number;
  disabled_at: number | null;
}

interface SessionRow {
  session: SessionId;
  player: PlayerId;
  /** What the player called the device, for a list of sign-ins. */
  device: string | null;
  created_at: number;
  last_seen_at: number;
  /** When the session ends although it is used. */
  expires_at: number;
  ended_at: number | null;
  ended_because: SessionEnd | null;
}

export type SessionEnd = 'logout' | 'logout_elsewhere' | 'refresh_token_reused' | 'displaced';

interface RefreshTokenRow {
  /** SHA-256 of the token, base64url. */
  digest: string;
  session: SessionId;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
}

export interface SigningKeyRow {
  /** RFC 7638 thumbprint. */
  kid: string;
  alg: SignatureAlgorithm;
  /** JSON of the private JWK. */
  private_jwk: string;
  created_at: number;
  /** From when on tokens are signed with it. It is published and verifies before that, so that caches learn it. */
  not_before: number;
  /** From when on it verifies nothing any more. */
  retired_at: number | null;
}

interface SecretKeyRow {
  purpose: 'pairwise';
  /** 256 bits, base64url. */
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
