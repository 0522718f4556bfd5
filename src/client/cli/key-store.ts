import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { explainSystemError, systemErrorCode } from '../../process/explain-system-error.ts';
import { ensureFolder } from '../../process/folders.ts';
import { writeSecureFile } from '../../process/secure-file.ts';
import { type KeyJwk, ProofKey } from '../proof-key.ts';
import { isObject, parseObject } from '../server-message.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';

export interface KeyStoreOptions {
  readonly folder: string;
  /** What only this machine says of itself; `undefined` where it says nothing. */
  readonly machineId?: () => Promise<string | undefined>;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

/**
 * The keys that sign-ins are bound to, one file each, apart from the profile: what is copied with the profile (a backup, a folder
 * of settings kept in a repository) is of no use elsewhere. Where the machine has an id, the file is sealed under it, so that
 * a copy of the whole home folder is of no use on another machine either. Against somebody who reads this account's files on
 * this machine nothing of that helps.
 *
 * ```
 *   CASTLING_KEYS/tY2bW…Qk.json    named by the thumbprint, which the profile names; folder 0700, files 0600
 * ```
 */
export class KeyStore {
  readonly #folder: string;
  readonly #machineId: () => Promise<string | undefined>;
  readonly #now: () => number;

  constructor({ folder, machineId = readMachineId, now = Date.now }: KeyStoreOptions) {
    this.#folder = folder;
    this.#machineId = machineId;
    this.#now = now;
  }

  /** A fresh key, kept nowhere yet. */
  async make(): Promise<ProofKey> {
    return await ProofKey.generate(this.#now);
  }

  /** `undefined` when it is not here, or was sealed on another machine. */
  async load(thumbprint: string): Promise<ProofKey | undefined> {
    const kept = parseObject((await this.#read(thumbprint)) ?? '');
    const jwk = isObject(kept?.key) ? kept.key : await this.#open(kept?.sealed, thumbprint);
    if (jwk === undefined) return undefined;
    try {
      const key = await ProofKey.fromJwk(jwk as KeyJwk, this.#now);
      return key.thumbprint === thumbprint ? key : undefined;
    } catch {
      return undefined;
    }
  }

  async save(key: ProofKey): Promise<void> {
    const { thumbprint } = key;
    const jwk = await key.toPrivateJwk();
    const machineId = await this.#machineId();
    const kept =
      machineId === undefined
        ? { key: jwk }
        : { sealed: seal(JSON.stringify(jwk), { machineId, thumbprint }) };
    const path = this.#path(thumbprint);
    await ensureFolder(this.#folder, { flag: 'CASTLING_KEYS', tighten: true });
    try {
      await writeSecureFile(path, `${JSON.stringify(kept)}\n`);
    } catch (error) {
      throw explainSystemError(error, { doing: 'write', path, flag: 'CASTLING_KEYS' }) ?? error;
    }
  }

  async remove(thumbprint: string): Promise<void> {
    await rm(this.#path(thumbprint), { force: true });
  }

  async #open(sealed: unknown, thumbprint: string): Promise<unknown> {
    const machineId = await this.#machineId();
    if (typeof sealed !== 'string' || machineId === undefined) return undefined;
    const text = open(sealed, { machineId, thumbprint });
    return text === undefined ? undefined : parseObject(text);
  }

  async #read(thumbprint: string): Promise<string | undefined> {
    const path = this.#path(thumbprint);
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw explainSystemError(error, { doing: 'read', path, flag: 'CASTLING_KEYS' }) ?? error;
    }
  }

  #path(thumbprint: string): string {
    // From a file that somebody may have edited: it must stay a name in this folder.
    return join(this.#folder, `${/^[\w-]{43}$/.test(thumbprint) ? thumbprint : '-'}.json`);
  }
}

/**
 * The folder of the keys: `CASTLING_KEYS`, else among what belongs to this machine and is not for carrying around (XDG Base
 * Directory: `$XDG_STATE_HOME`).
 */
export function keyHome(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  if (env.CASTLING_KEYS) return resolve(env.CASTLING_KEYS);
  const xdg = env.XDG_STATE_HOME;
  if (xdg && isAbsolute(xdg)) return join(xdg, 'castling', 'keys');
  if (platform() === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'castling', 'keys');
  if (home === '') {
    const message = 'This account has no home folder; say where to keep keys with CASTLING_KEYS.';
    throw new CliError('home_missing', message, { exitCode: ClientExit.configuration });
  }
  return join(home, '.local', 'state', 'castling', 'keys');
}

/** Linux gives each installation an id that is not part of any home folder (machine-id(5)). */
async function readMachineId(): Promise<string | undefined> {
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim();
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

interface Sealing {
  readonly machineId: string;
  readonly thumbprint: string;
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** The id itself is never written down, as machine-id(5) asks: only a key derived from it (HKDF, RFC 5869). */
function sealingKey({ machineId, thumbprint }: Sealing): Buffer {
  return Buffer.from(hkdfSync('sha256', machineId, thumbprint, 'castling device key 1', 32));
}

function seal(text: string, sealing: Sealing): string {
  const nonce = randomBytes(nonceBytes);
  const sealer = createCipheriv(cipher, sealingKey(sealing), nonce, { authTagLength: tagBytes });
  const sealed = Buffer.concat([sealer.update(text, 'utf8'), sealer.final()]);
  return Buffer.concat([nonce, sealed, sealer.getAuthTag()]).toString('base64url');
}

function open(sealed: string, sealing: Sealing): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  const opener = createDecipheriv(cipher, sealingKey(sealing), nonce, { authTagLength: tagBytes });
  opener.setAuthTag(bytes.subarray(-tagBytes));
  try {
    const text = opener.update(bytes.subarray(nonceBytes, -tagBytes));
    return Buffer.concat([text, opener.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
