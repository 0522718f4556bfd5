import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { explainSystemError } from '../process/explain-system-error.ts';
import { OperatorError } from '../process/operator-error.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const prefix = 'sealed:1:';
/** A secret shorter than this could be guessed. */
const secretBytesLeast = 32;
const secretBytesMost = 4096;

/**
 * Keys in the store, encrypted under a secret that is not in the store: who copies the database alone can sign nothing. Without
 * a secret they stand there as they are, in a file of mode 0600. Each is bound to the row that it belongs to.
 */
export class KeyEncryption {
  readonly #key: Buffer | undefined;

  /** @throws OperatorError `settings_invalid` for a secret of less than 32 bytes */
  constructor(secret: Uint8Array | undefined) {
    if (secret !== undefined && secret.length < secretBytesLeast) {
      throw new OperatorError(
        'settings_invalid',
        `The key-encryption secret has ${secret.length} bytes and needs ${secretBytesLeast}: make one with \`openssl rand -out FILE 32\`.`,
      );
    }
    this.#key =
      secret && Buffer.from(hkdfSync('sha256', secret, '', 'castling keys in the auth store 1', 32));
  }

  /** Whether keys are to be encrypted here. */
  get isOn(): boolean {
    return this.#key !== undefined;
  }

  static isSealed(stored: string): boolean {
    return stored.startsWith(prefix);
  }

  /** What the store keeps. */
  seal(plain: string, row: string): string {
    if (this.#key === undefined) return plain;
    const nonce = randomBytes(nonceBytes);
    const sealing = createCipheriv(cipher, this.#key, nonce, { authTagLength: tagBytes }).setAAD(
      Buffer.from(row),
    );
    const sealed = Buffer.concat([sealing.update(plain, 'utf8'), sealing.final()]);
    return prefix + Buffer.concat([nonce, sealed, sealing.getAuthTag()]).toString('base64url');
  }

  /** @throws OperatorError `settings_invalid` without the secret, or with another one */
  open(stored: string, row: string): string {
    if (!KeyEncryption.isSealed(stored)) return stored;
    if (this.#key === undefined) {
      throw new OperatorError(
        'settings_invalid',
        'The keys in the account database are encrypted: name the file of their secret with --key-encryption-file.',
      );
    }
    const bytes = Buffer.from(stored.slice(prefix.length), 'base64url');
    try {
      const opening = createDecipheriv(cipher, this.#key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(row))
        .setAuthTag(bytes.subarray(-tagBytes));
      const text = opening.update(bytes.subarray(nonceBytes, -tagBytes));
      return Buffer.concat([text, opening.final()]).toString('utf8');
    } catch (cause) {
      throw new OperatorError(
        'settings_invalid',
        'The key-encryption secret is not the one with which the keys in the account database were encrypted.',
        { cause },
      );
    }
  }
}

/**
 * Reads a key-encryption secret. It comes from a file alone: arguments and variables can be seen by others.
 *
 * @throws OperatorError `file_missing`, `file_unreadable`, `settings_invalid` when others may read the file or it is too large
 */
export async function readKeyEncryptionFile(path: string): Promise<Uint8Array> {
  let secret: Buffer;
  let mode: number;
  try {
    mode = (await stat(path)).mode;
    secret = await readFile(path);
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path, flag: '--key-encryption-file' }) ?? error;
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new OperatorError('settings_invalid', `${path} can be read by other users; run: chmod 600 ${path}`);
  }
  if (secret.length > secretBytesMost) {
    throw new OperatorError(
      'settings_invalid',
      `${path} is larger than a secret: ${secretBytesMost} bytes at most.`,
    );
  }
  return secret;
}
