import { describe, expect, it } from 'vitest';
import { createAuth } from '../../src/auth/index.ts';
import { createLogger } from '../../src/process/logger.ts';
import { closings } from '../../src/protocol/closings.ts';
import { cheapCost } from '../support/auth-fixture.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** Ends the session at one exact point of the next sign-in. */
type Point = 'before the token is checked' | 'after the check' | 'before the question' | 'after the question';

const nextTurn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

describe('B8 a session that ends while its socket is being opened', () => {
  it.each<Point>([
    'before the token is checked',
    'after the check',
    'before the question',
    'after the question',
  ])('leaves no socket alive when it ends %s', async (point) => {
    let endNow: (() => Promise<void>) | undefined;
    const at = async (here: Point): Promise<void> => {
      if (here === point) await endNow?.();
    };
    const accounts = await createAuth({
      storeUrl: 'sqlite::memory:',
      issuer: 'https://castling.internal',
      audience: 'castling',
      logger: createLogger({ name: 'test', level: 'silent' }),
      passwords: { cost: cheapCost },
    });
    const auth: typeof accounts = {
      ...accounts,
      verifyAccessToken: async (shown) => {
        await at('before the token is checked');
        const session = await accounts.verifyAccessToken(shown);
        await at('after the check');
        return session;
      },
      requireLive: async (session) => {
        await at('before the question');
        await accounts.requireLive(session);
        await at('after the question');
      },
    };
    await using rig = await ProxyRig.start({ backend: false, proxy: { auth } });
    const account = await rig.register('anna');
    endNow = async () => {
      endNow = undefined;
      const answer = await rig.request('/auth/logout', {
        method: 'POST',
        headers: { authorization: `Bearer ${account.access_token}` },
      });
      expect(answer.status).toBe(204);
    };
    const player = rig.connect({ token: account.access_token });
    const { code } = await player.closed;
    expect(code).toBe(closings.session_ended.code);
    expect(player.heard.at(-1)).toMatchObject({ method: 'session.closing', params: { code } });
  });

  it('leaves no socket alive in 200 races at random', async () => {
    await using rig = await ProxyRig.start({ backend: false });
    let signedInFirst = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        await rig.register(`player${lane}`);
        for (let round = 0; round < 10; round += 1) {
          const login = await rig.request('/auth/login', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ name: `player${lane}`, password: 'correct horse battery' }),
          });
          const { access_token: token } = JSON.parse(login.body) as { access_token: string };
          const logOut = async (): Promise<void> => {
            const { status } = await rig.request('/auth/logout', {
              method: 'POST',
              headers: { authorization: `Bearer ${token}` },
            });
            expect(status).toBe(204);
          };
          // The two start together, or one some turns of the event loop behind the other, or behind its handshake.
          const early = round % 3 === 0 ? logOut() : undefined;
          for (let turns = (lane * 7 + round * 3) % 12; early && turns > 0; turns -= 1) await nextTurn();
          const player = rig.connect({ token });
          if (round % 3 === 1) await player.opened;
          for (let turns = (lane * 5 + round * 3) % 12; turns > 0; turns -= 1) await nextTurn();
          await (early ?? logOut());
          expect((await player.closed).code).toBe(closings.session_ended.code);
          if (player.heard.some(({ id }) => id === 0)) signedInFirst += 1;
        }
      }),
    );
    // The race was one: both sides have won some.
    expect(signedInFirst).toBeGreaterThan(0);
    expect(signedInFirst).toBeLessThan(200);
  });
});
