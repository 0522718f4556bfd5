import { hash, verify } from 'argon2';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { HashQueue } from './hash-queue.ts';
import { fitsCap, isWeaker, type PasswordCost, parseDigest } from './password-cost.ts';
import type { PreparedPassword } from './password-text.ts';

const saltBytes = 16;
const tagBytes = 32;

export interface Verdict {
  readonly matches: boolean;
  /** True when the digest was made with less than today's cost, so that a right password should be hashed again. */
  readonly weak: boolean;
}

/** Hashes and verifies passwords with argon2id (RFC 9106), never more at once than the queue lets through. */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #queue: HashQueue;
  readonly #randomBytes: RandomBytes;
  /** Stands in for the digest of an account that does not exist: the same work, and never a match. */
  readonly #nobody: string;

  private constructor(options: PasswordHasherOptions, nobody: string) {
    this.#cost = options.cost;
    this.#queue = options.queue;
    this.#randomBytes = options.randomBytes;
    this.#nobody = nobody;
  }

  static async create(options: PasswordHasherOptions): Promise<PasswordHasher> {
    return new PasswordHasher(options, await digest(Buffer.from(options.randomBytes(tagBytes)), options));
  }

  /**
   * A PHC string with a fresh salt.
   * @throws AuthError `busy`
   */
  async hash(password: PreparedPassword): Promise<string> {
    return await this.#queue.run(
      async () => await digest(password, { cost: this.#cost, randomBytes: this.#randomBytes }),
    );
  }

  /**
   * Compares with a stored digest, or with nobody's when there is none: the work does not tell which. A stored digest
   * whose cost is beyond the cap is not computed, since whoever can write one could stop the process with it.
   *
   * @throws AuthError `busy`
   */
  async verify(password: PreparedPassword, stored: string | undefined): Promise<Verdict> {
    const parsed = stored === undefined ? undefined : parseDigest(stored);
    const usable = stored !== undefined && parsed !== undefined && fitsCap(parsed);
    const matches = await this.#queue.run(async () => await verify(usable ? stored : this.#nobody, password));
    if (!usable) return { matches: false, weak: false };
    return { matches, weak: isWeaker(parsed, this.#cost) };
  }
}

export interface PasswordHasherOptions {
  readonly cost: PasswordCost;
  readonly queue: HashQueue;
  readonly randomBytes: RandomBytes;
}

async function digest(
  password: string | Buffer,
  { cost, randomBytes }: Pick<PasswordHasherOptions, 'cost' | 'randomBytes'>,
): Promise<string> {
  return await hash(password, {
    salt: Buffer.from(randomBytes(saltBytes)),
    hashLength: tagBytes,
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
    parallelism: 1,
  });
}
