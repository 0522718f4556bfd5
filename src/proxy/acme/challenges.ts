import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeSecureFile } from '../../process/secure-file.ts';
import { AcmeError } from './acme-error.ts';

/** RFC 8555 section 8.3: base64url, 128 bits or more of it; nobody needs 200 characters. */
const validToken = /^[\w-]{16,200}$/;

/**
 * The answers to http-01 challenges (RFC 8555 section 8.3), as files: machines that share the folder answer for each other,
 * whichever of them the authority asks.
 */
export class Challenges {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws AcmeError `answer_invalid` for a token that is none, before it becomes a file's name */
  async publish(token: string, answer: string): Promise<void> {
    if (!validToken.test(token)) throw new AcmeError('answer_invalid', { detail: 'a token that is none' });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeSecureFile(join(this.#folder, token), answer);
  }

  async withdraw(token: string): Promise<void> {
    if (validToken.test(token)) await rm(join(this.#folder, token), { force: true });
  }

  /** For whoever asks; `undefined` when there is no such challenge. */
  async answer(token: string): Promise<string | undefined> {
    if (!validToken.test(token)) return undefined;
    try {
      return await readFile(join(this.#folder, token), 'utf8');
    } catch {
      return undefined;
    }
  }
}
