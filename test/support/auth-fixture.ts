import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { type Auth, type AuthOptions, createAuth } from '../../src/auth/index.ts';
import { migrations } from '../../src/auth/migrations.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { AccessTokens } from '../../src/auth/tokens/access-tokens.ts';
import { SigningKeys } from '../../src/auth/tokens/signing-keys.ts';
import { createLogger } from '../../src/process/logger.ts';
import { parseId, webRandomBytes } from '../../src/protocol/ids.ts';
import { openStore, type Store } from '../../src/store/index.ts';

const issuer = 'https://games.example:8443';
const audience = 'castling';
/** Far below the floor, so that tests of anything but hashing do not wait for it. */
export const cheapCost = { memoryKib: 64, passes: 1 } as const;

const silent = createLogger({ name: 'test', level: 'silent' });

export class SteppedClock {
  now: number;

  constructor(now = Date.UTC(2026, 5, 1)) {
    this.now = now;
  }

  readonly read = (): number => this.now;

  advance(seconds: number): void {
    this.now += seconds * 1000;
  }
}

export async function memoryStore(): Promise<Store<AuthSchema>> {
  return await openStore<AuthSchema>({ url: 'sqlite::memory:', migrations });
}

export interface RunningAuth {
  readonly auth: Auth;
  readonly app: Pick<FastifyInstance, 'inject' | 'listen'>;
  readonly clock: SteppedClock;
  post(url: string, body?: object | string, token?: string): Promise<LightMyRequestResponse>;
  get(url: string, token?: string): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export async function startAuth(options: Partial<AuthOptions> = {}): Promise<RunningAuth> {
  const clock = new SteppedClock();
  const auth = await createAuth({
    storeUrl: 'sqlite::memory:',
    issuer,
    audience,
    logger: silent,
    clock: clock.read,
    ...options,
    passwords: { cost: cheapCost, ...options.passwords },
  });
  const app = fastify({ loggerInstance: options.logger ?? silent });
  await app.register(auth.routes);
  const bearer = (token: string | undefined) =>
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    auth,
    app,
    clock,
    post: async (url, body, token) =>
      await app.inject({
        method: 'POST',
        url,
        headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: body }),
      }),
    get: async (url, token) => await app.inject({ method: 'GET', url, headers: bearer(token) }),
    close: async () => {
      await app.close();
      await auth.close();
    },
  };
}

export interface TokenBench {
  readonly clock: SteppedClock;
  readonly keys: SigningKeys;
  readonly tokens: AccessTokens;
  readonly store: Store<AuthSchema>;
  readonly claims: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  /** A token with our key's true signature over whatever it is given: an object, or the exact text. */
  sign(parts?: { readonly header?: object | string; readonly payload?: object | string }): Promise<string>;
}

/** Verifying and signing with the same real key, so that a test can change one thing and keep the signature right. */
export async function tokenBench(): Promise<TokenBench> {
  const clock = new SteppedClock();
  const store = await memoryStore();
  const keys = await SigningKeys.load({ store, clock: clock.read });
  const tokens = new AccessTokens({
    keys,
    issuer,
    audience,
    lifetimeSeconds: 600,
    clock: clock.read,
    randomBytes: webRandomBytes,
  });
  const now = clock.now / 1000;
  const claims = {
    iss: issuer,
    aud: audience,
    sub: parseId('player', `p_${'A'.repeat(22)}`),
    sid: parseId('session', `s_${'A'.repeat(22)}`),
    jti: 'A'.repeat(22),
    client_id: 'castling',
    iat: now,
    exp: now + 600,
  };
  const { kid, privateKey } = keys.current();
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid };
  return {
    clock,
    keys,
    tokens,
    store,
    claims,
    header,
    sign: async (parts = {}) => {
      const input = `${encode(parts.header ?? header)}.${encode(parts.payload ?? claims)}`;
      const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(input));
      return `${input}.${Buffer.from(signature).toString('base64url')}`;
    },
  };
}

export function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** The code with which a promise rejects; `undefined` when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}
