import { randomBytes, X509Certificate } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { systemErrorCode } from '../../process/explain-system-error.ts';
import { ensureFolder } from '../../process/folders.ts';
import { writeSecureFile } from '../../process/secure-file.ts';
import type { TlsPaths } from '../../process/tls-files.ts';
import { newAccountKey } from './certificate-request.ts';
import { Challenges } from './challenges.ts';

/** A lock that is older (milliseconds) was left by a process that died: an order takes minutes. */
const staleLockMs = 15 * 60_000;
const placeholderMs = 7 * 86_400_000;

/**
 * What is kept of ACME, in one folder that only this account can enter, and that machines may share:
 *
 * | file | holds |
 * |---|---|
 * | `account-key.pem` | the key of the account with the authority |
 * | `pair.pem` | the certificate with its chain, and its key: one file, so that nobody ever reads one new and one old |
 * | `challenges/` | answers to challenges under way |
 * | `order.lock` | while somebody orders |
 */
export class AcmeFiles {
  readonly #folder: string;
  readonly challenges: Challenges;

  constructor(folder: string) {
    this.#folder = folder;
    this.challenges = new Challenges(join(folder, 'challenges'));
  }

  /** Both in one file. */
  get paths(): TlsPaths {
    return { certificate: this.#pair, key: this.#pair };
  }

  get #pair(): string {
    return join(this.#folder, 'pair.pem');
  }

  /**
   * Sees to it that there is a pair to begin with: one that nobody trusts stands in until the first is issued.
   *
   * @throws OperatorError `folder_unusable`
   */
  async prepare(names: readonly string[]): Promise<void> {
    await ensureFolder(this.#folder, { tighten: true });
    if ((await this.leaf()) !== undefined) return;
    const now = Date.now();
    const made = await generate([{ name: 'commonName', value: 'Castling, waiting for a certificate' }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: new Date(now - 60_000),
      notAfterDate: new Date(now + placeholderMs),
      extensions: [
        { name: 'basicConstraints', cA: false, critical: true },
        { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
      ],
    });
    await this.write(made.cert, made.private);
  }

  /** The certificate that is there; `undefined` when there is none that can be read. */
  async leaf(): Promise<X509Certificate | undefined> {
    try {
      return new X509Certificate(await readFile(this.#pair));
    } catch {
      return undefined;
    }
  }

  async write(certificate: string, key: string): Promise<void> {
    await writeSecureFile(this.#pair, `${certificate.trim()}\n${key.trim()}\n`);
  }

  /** The account's key, made at the first time. Whoever makes it second takes the first one's. */
  async accountKey(): Promise<string> {
    const path = join(this.#folder, 'account-key.pem');
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
    const key = newAccountKey();
    await writeSecureFile(path, key);
    return key;
  }

  /** Does something that only one process may do at a time, on all machines that share the folder; `undefined` when another does. */
  async alone<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    const path = join(this.#folder, 'order.lock');
    if (!(await this.#lock(path))) return undefined;
    try {
      return await action();
    } finally {
      await rm(path, { force: true });
    }
  }

  async #lock(path: string): Promise<boolean> {
    await this.#breakStale(path);
    try {
      const file = await open(path, 'wx', 0o600);
      await file.writeFile(`${hostname()} ${process.pid}\n`);
      await file.close();
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  /** Of several who find it stale, one moves it out of the way. */
  async #breakStale(path: string): Promise<void> {
    try {
      if (Date.now() - (await stat(path)).mtimeMs < staleLockMs) return;
      const aside = `${path}.${randomBytes(6).toString('hex')}`;
      await rename(path, aside);
      await rm(aside, { force: true });
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}
