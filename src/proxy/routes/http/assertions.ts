import type { Auth } from '../../../auth/index.ts';
import { BoundedCache } from '../../../process/bounded-cache.ts';
import type { HttpRoute } from './http-route.ts';
import type { Visitor } from './sign-in/visitor.ts';

export interface AssertionsOptions {
  readonly auth: Pick<Auth, 'assert'>;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

const rememberedMost = 10_000;
/** Milliseconds that an assertion is good for at least when it leaves here: it has a way to go, and clocks differ. */
const leftMs = 30_000;

/** The signed word about a player, made once for all requests of half its life: a signature costs more than a request. */
export class Assertions {
  readonly #auth: AssertionsOptions['auth'];
  readonly #now: () => number;
  readonly #made = new BoundedCache<string, { readonly token: string; readonly until: number }>(
    rememberedMost,
  );

  constructor({ auth, now = Date.now }: AssertionsOptions) {
    this.#auth = auth;
    this.#now = now;
  }

  async about({ pseudonym, name }: Visitor, { name: route, tellsName }: HttpRoute): Promise<string> {
    const key = `${route} ${pseudonym} ${tellsName ? name : ''}`;
    const made = this.#made.get(key);
    if (made !== undefined && this.#now() < made.until) return made.token;
    const { token, expiresAt } = await this.#auth.assert({
      route,
      subject: pseudonym,
      ...(tellsName && { name }),
    });
    this.#made.set(key, { token, until: expiresAt * 1000 - leftMs });
    return token;
  }
}
