import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { explainSystemError, systemErrorCode } from '../../process/explain-system-error.ts';
import { withFileLock } from '../../process/file-lock.ts';
import { ensureFolder } from '../../process/folders.ts';
import { writeSecureFile } from '../../process/secure-file.ts';
import type { Grant } from '../auth-client.ts';
import type { ProofKey } from '../proof-key.ts';
import { isObject, parseObject } from '../server-message.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import type { KeyStore } from './key-store.ts';

/** A holder waits for one HTTP answer at most (30 s); whoever waits longer than that has found something stuck. */
const longestLockMs = 40_000;

/** One sign-in as the profile keeps it. */
export type SavedSession = SavedTokens | SavedTokenFile;

interface SignedIn {
  readonly name: string;
  readonly player: string;
  readonly session: string;
}

/** A sign-in by tokens of an outside issuer, which are in a file that somebody else keeps fresh. */
interface SavedTokenFile extends SignedIn {
  readonly tokenFile: string;
  readonly isGuest?: false;
}

export interface SavedTokens extends SignedIn {
  readonly accessToken: string;
  /** Unix milliseconds. */
  readonly accessExpiresAt: number;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
  /** Thumbprint of the key without which the tokens are of no use; it is kept elsewhere. */
  readonly boundTo?: string;
  /** A player without an account. */
  readonly isGuest?: boolean;
}

/**
 * What this account of the machine keeps for one server: its sign-ins, one file each, the name used last, and the CA
 * that the person chose to trust. Folders are 0700, files 0600 and replaced whole.
 *
 * ```
 *   CASTLING_HOME/servers/localhost%3A8443/players/ada.json
 *                                         /players/grace.json
 *                                         /players/ada.device  tells the server that ada has signed in here before
 *                                         /current        the name that commands use unless --as says another
 *                                         /ca.pem         pinned for this server
 * ```
 */
export class Profile {
  readonly keys: KeyStore;
  readonly #folder: string;

  constructor(options: { readonly home: string; readonly origin: string; readonly keys: KeyStore }) {
    this.keys = options.keys;
    this.#folder = join(options.home, 'servers', encodeURIComponent(new URL(options.origin).host));
  }

  /** Where the pinned CA is, or would be. */
  get caPath(): string {
    return join(this.#folder, 'ca.pem');
  }

  async currentName(): Promise<string | undefined> {
    const name = (await readIfThere(join(this.#folder, 'current')))?.trim();
    return name === '' ? undefined : name;
  }

  /** The saved sign-in; undefined when there is none. @throws CliError `profile_damaged` */
  async load(name: string): Promise<SavedSession | undefined> {
    const path = this.#sessionPath(name);
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    const saved = parseObject(text);
    if (typeof saved?.movedTo === 'string' && saved.movedTo !== name) return this.load(saved.movedTo);
    if (!isSavedSession(saved)) {
      const message = `${path} is damaged; delete it and sign in again with \`castling login NAME\`.`;
      throw new CliError('profile_damaged', message, { exitCode: ClientExit.configuration });
    }
    return saved;
  }

  /** Keeps a sign-in, and the key that it is bound to. `now` is in Unix milliseconds. */
  async save(
    grant: Grant,
    { now, key }: { readonly now: number; readonly key?: ProofKey },
  ): Promise<SavedTokens> {
    const bound = grant.bound ? key : undefined;
    const before = await this.#boundTo(grant.name);
    if (bound !== undefined && bound.thumbprint !== before) await this.keys.save(bound);
    const saved: SavedTokens = {
      name: grant.name,
      player: grant.player,
      session: grant.session,
      accessToken: grant.accessToken,
      accessExpiresAt: now + grant.expiresIn * 1000,
      refreshToken: grant.refreshToken,
      refreshExpiresAt: now + grant.refreshExpiresIn * 1000,
      ...(bound !== undefined && { boundTo: bound.thumbprint }),
      ...(grant.isGuest && { isGuest: true }),
    };
    await this.#write(this.#sessionPath(grant.name), `${JSON.stringify(saved, null, 2)}\n`);
    if (before !== undefined && before !== bound?.thumbprint) await this.keys.remove(before);
    return saved;
  }

  /** Keeps where the tokens of a sign-in are found. */
  async saveTokenFile({ name, player, session, tokenFile }: SavedTokenFile): Promise<void> {
    const before = await this.#boundTo(name);
    const saved: SavedTokenFile = { name, player, session, tokenFile: resolve(tokenFile) };
    await this.#write(this.#sessionPath(name), `${JSON.stringify(saved, null, 2)}\n`);
    if (before !== undefined) await this.keys.remove(before);
  }

  async use(name: string): Promise<void> {
    await this.#write(join(this.#folder, 'current'), `${name}\n`);
  }

  /**
   * Keeps a guest's sign-in under the name of the account that it has become. Commands that run under the old name find it:
   * a note is left there.
   */
  async rename({ from, to }: { readonly from: string; readonly to: string }): Promise<void> {
    await this.locked(from, async () => {
      const saved = await this.load(from);
      if (saved === undefined) return;
      const { isGuest: _, ...kept } = saved;
      await this.#write(this.#sessionPath(to), `${JSON.stringify({ ...kept, name: to }, null, 2)}\n`);
      if (from === to) return;
      await this.#write(this.#sessionPath(from), `${JSON.stringify({ movedTo: to })}\n`);
      if ((await this.currentName()) === from) await this.use(to);
    });
  }

  /** Forgets a sign-in; the one used last, too, if it is this one. */
  async forget(name: string): Promise<void> {
    const key = await this.#boundTo(name);
    if (key !== undefined) await this.keys.remove(key);
    await rm(this.#sessionPath(name), { force: true });
    if ((await this.currentName()) === name) await rm(join(this.#folder, 'current'), { force: true });
  }

  /** What tells the server that this player has signed in here before. It opens nothing, and outlives signing out. */
  deviceToken(name: string): Promise<string | undefined> {
    return readIfThere(this.#devicePath(name));
  }

  async saveDeviceToken(name: string, token: string): Promise<void> {
    await this.#write(this.#devicePath(name), token);
  }

  /** Runs `action` while no other process of this profile does the same for this player. */
  async locked<T>(name: string, action: () => Promise<T>): Promise<T> {
    await this.#ensure();
    const { name: present = name } = (await this.load(name).catch(() => undefined)) ?? {};
    const path = `${this.#sessionPath(present)}.lock`;
    const message = `Another castling command has held ${path} for too long; end it and try again.`;
    const stuck = () => new CliError('profile_busy', message, { exitCode: ClientExit.temporary });
    return withFileLock(path, { longestWaitMs: longestLockMs, stuck }, action);
  }

  pinnedCa(): Promise<string | undefined> {
    return readIfThere(this.caPath);
  }

  async pinCa(pem: string): Promise<void> {
    await this.#write(this.caPath, pem);
  }

  /** Of the sign-in as it is kept; one that cannot be read has none. */
  async #boundTo(name: string): Promise<string | undefined> {
    const saved = parseObject((await readIfThere(this.#sessionPath(name))) ?? '');
    return typeof saved?.boundTo === 'string' ? saved.boundTo : undefined;
  }

  #devicePath(name: string): string {
    return this.#sessionPath(name).replace(/\.json$/, '.device');
  }

  #sessionPath(name: string): string {
    // Names may hold letters of any script; a file name must be short and mean the same on every file system.
    const plain = /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
    const stem = plain ? name : `~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
    return join(this.#folder, 'players', `${stem}.json`);
  }

  async #ensure(): Promise<void> {
    await ensureFolder(join(this.#folder, 'players'), { flag: 'CASTLING_HOME', tighten: true });
    await ensureFolder(this.#folder, { tighten: true });
  }

  async #write(path: string, content: string): Promise<void> {
    await this.#ensure();
    try {
      await writeSecureFile(path, content);
    } catch (error) {
      throw explainSystemError(error, { doing: 'write', path, flag: 'CASTLING_HOME' }) ?? error;
    }
  }
}

/** The profile's folder: `CASTLING_HOME`, else `castling` in the account's configuration folder (XDG Base Directory). */
export function profileHome(env: Readonly<Record<string, string | undefined>>, home = homedir()): string {
  if (env.CASTLING_HOME) return resolve(env.CASTLING_HOME);
  const xdg = env.XDG_CONFIG_HOME;
  if (xdg && isAbsolute(xdg)) return join(xdg, 'castling');
  if (home === '') {
    const message = 'This account has no home folder; say where to keep the profile with CASTLING_HOME.';
    throw new CliError('home_missing', message, { exitCode: ClientExit.configuration });
  }
  return join(home, '.config', 'castling');
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw explainSystemError(error, { doing: 'read', path, flag: 'CASTLING_HOME' }) ?? error;
  }
}

function isSavedSession(value: unknown): value is SavedSession {
  if (!isObject(value)) return false;
  const who = [value.name, value.player, value.session];
  if (value.tokenFile !== undefined) return [...who, value.tokenFile].every(isText);
  const times = [value.accessExpiresAt, value.refreshExpiresAt];
  return (
    [...who, value.accessToken, value.refreshToken].every(isText) &&
    times.every((time) => typeof time === 'number')
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
