import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { trust } from '../support/player.ts';
import { SessionProxies } from '../support/session-proxies.ts';

/** Shorter than the clocks that are too wrong, so that a token from the past has run out. */
const settings = ['auth.accessTokenLifetime=5m'];
const clocks = { ahead: '+30s', behind: '-30s', future: '+10m', past: '-10m' } as const;
type Clock = keyof typeof clocks;
const tokens = new Map<Clock, TokenAnswer>();
let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 0 });
  trust({ ca: proxies.certificates.path('ca.pem') });
  for (const [name, clock] of Object.entries(clocks)) {
    const index = await proxies.startProxy({ clock, settings });
    const answer = await fetch(`${proxies.urls[index]}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: `from-${name}`, password: 'correct horse' }),
    });
    expect(answer.status).toBe(201);
    tokens.set(name as Clock, (await answer.json()) as TokenAnswer);
  }
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
});

async function shown(from: Clock, at: Clock): Promise<{ readonly status: number; readonly code: unknown }> {
  const url = proxies.urls[Object.keys(clocks).indexOf(at)];
  const answer = await fetch(`${url}/auth/me`, {
    headers: { authorization: `Bearer ${tokens.get(from)?.access_token}` },
  });
  const { code } = (await answer.json()) as { code?: unknown };
  return { status: answer.status, code };
}

describe('C11 processes whose clocks differ', () => {
  it.each([
    ['ahead', 'ahead'],
    ['behind', 'behind'],
    ['future', 'future'],
    ['past', 'past'],
    ['ahead', 'behind'],
    ['behind', 'ahead'],
  ] as const)('take a token from the one that is %s at the one that is %s', async (from, at) => {
    expect(await shown(from, at)).toEqual({ status: 200, code: undefined });
  });

  it('let a socket in, too', async () => {
    const player = await proxies.signedIn(1, tokens.get('ahead')?.access_token ?? '');
    expect(player.isClosed).toBe(false);
  });

  it.each([
    ['future', 'ahead', 'token_claims_refused'],
    ['future', 'behind', 'token_claims_refused'],
    ['ahead', 'past', 'token_claims_refused'],
    ['past', 'ahead', 'token_expired'],
    ['past', 'behind', 'token_expired'],
    ['behind', 'future', 'token_expired'],
  ] as const)('refuse one from %s at %s, ten minutes apart', async (from, at, code) => {
    expect(await shown(from, at)).toEqual({ status: 401, code });
  });

  it('are all still there', async () => {
    for (const url of proxies.urls) expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);
  });
});
