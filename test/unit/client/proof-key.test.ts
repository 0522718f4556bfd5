import { describe, expect, it } from 'vitest';
import { AccountHttp, type Fetch } from '../../../src/client/account-http.ts';
import { AuthClient } from '../../../src/client/auth-client.ts';
import { ProofKey } from '../../../src/client/proof-key.ts';
import { startAuth } from '../../support/auth-fixture.ts';

const origin = 'https://localhost:80';
const anna = { name: 'anna', password: 'correct horse' };

/** A client whose clock is off by so many seconds, talking to real accounts. */
async function clientOff(seconds: number) {
  const running = await startAuth();
  const proofs: string[] = [];
  const fetch: Fetch = async (url, { method, headers, body }) => {
    const fields = headers as Record<string, string>;
    proofs.push(fields.dpop ?? '');
    const answer = await running.app.inject({
      method: method as 'GET',
      url: url.slice(origin.length),
      headers: fields,
      ...(typeof body === 'string' && { payload: body }),
    });
    const text = answer.statusCode === 204 ? null : answer.body;
    return new Response(text, {
      status: answer.statusCode,
      headers: Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    });
  };
  const auth = new AuthClient(new AccountHttp({ origin, fetch }));
  const key = await ProofKey.generate(() => running.clock.now + seconds * 1000);
  return { running, auth, key, proofs };
}

const claimsOf = (proof: string) => JSON.parse(Buffer.from(proof.split('.')[1]!, 'base64url').toString());

describe('C16 proofs of the client', () => {
  it('bind a session, and every later call proves the same key', async () => {
    const { running, auth, key, proofs } = await clientOff(0);
    const grant = await auth.register(anna, { prover: key });
    expect(grant.bound).toBe(true);
    const access = { token: grant.accessToken, prover: key };
    expect((await auth.me(access)).name).toBe('anna');
    expect(await auth.sessions(access)).toHaveLength(1);
    await expect(auth.me({ token: grant.accessToken })).rejects.toMatchObject({
      refusal: { code: 'invalid_dpop_proof' },
    });
    const next = await auth.refresh(grant.refreshToken, { prover: key });
    await auth.logout({ token: next.accessToken, prover: key });
    expect(new Set(proofs.filter(Boolean).map((proof) => claimsOf(proof).jti)).size).toBe(
      proofs.filter(Boolean).length,
    );
    await running.close();
  });

  it('do not need a right clock: the refusal brings a nonce, and the call is made again, once', async () => {
    const { running, auth, key, proofs } = await clientOff(-3 * 3600);
    const grant = await auth.register(anna, { prover: key });
    expect(proofs).toHaveLength(2);
    expect(claimsOf(proofs[0]!).nonce).toBeUndefined();
    expect(claimsOf(proofs[1]!).nonce).toMatch(/\./);
    // From then on the first try is right.
    await auth.me({ token: grant.accessToken, prover: key });
    expect(proofs).toHaveLength(3);
    // Later the nonce is too old, and the clock no better.
    running.clock.advance(300);
    await auth.me({ token: grant.accessToken, prover: key });
    expect(proofs).toHaveLength(5);
    await running.close();
  });

  it('are kept and brought back as the same key', async () => {
    const key = await ProofKey.generate();
    const again = await ProofKey.fromJwk(await key.toPrivateJwk());
    expect(again.thumbprint).toBe(key.thumbprint);
    await expect(ProofKey.fromJwk({ kty: 'EC' })).rejects.toThrow();
  });
});
