import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closings } from '../../src/protocol/closings.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import { ProxyRig } from '../support/proxy-rig.ts';
import { TinyIssuer } from '../support/tiny-issuer.ts';

const certificates = new LinkCertificates();
let issuer: TinyIssuer;
/** Another one, which is never asked in vain but once. */
let away: TinyIssuer;
let rig: ProxyRig;

beforeAll(async () => {
  issuer = await TinyIssuer.start(certificates);
  away = await TinyIssuer.start(certificates);
  rig = await ProxyRig.start({ auth: { issuers: [issuer.listed(), away.listed()] } });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await away[Symbol.asyncDispose]();
  certificates.remove();
});

const tokenOf = (sub: string, claims: object = {}): string =>
  issuer.token({ claims: { sub, sid: `of ${sub}`, preferred_username: sub, ...claims } });

describe('a player for whom an outside issuer vouches', () => {
  it('plays with everybody else, under a name and nothing more', async () => {
    const joan = await rig.player('', { token: tokenOf('joan') });
    const bob = await rig.player('bob');
    const created = await bob.demand('match.create', { game: 'tic-tac-toe', commandId: bob.commandId() });
    await joan.demand('match.join', { code: created.code, commandId: joan.commandId() });
    const { snapshot } = await bob.demand('match.get', { code: created.code });
    expect(snapshot.seats.map(({ name }: { name: string }) => name).toSorted()).toEqual(['bob', 'joan']);
    expect(rig.log).not.toContain(tokenOf('joan'));
  });

  it('goes on with a fresh token on the same socket, and not with another sign-in’s', async () => {
    const player = await rig.player('', { token: tokenOf('mary') });
    const fresh = await player.demand('session.refresh', { token: tokenOf('mary', { jti: 'next' }) });
    expect(fresh.expiresAt).toBeGreaterThan(Date.now() / 1000);
    expect(
      await player.refusal('session.refresh', { token: tokenOf('mary', { sid: 'other' }) }),
    ).toMatchObject({
      code: 'session_mismatch',
    });
  });

  it('leaves when the token ends', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const player = await rig.player('', { token: tokenOf('kate', { iat: seconds - 10, exp: seconds + 2 }) });
    expect(await player.closed).toMatchObject({ code: closings.token_expired.code });
  });

  it('leaves when signed out, and the same token opens nothing after', async () => {
    const token = tokenOf('rosa');
    const player = await rig.player('', { token });
    await rig.request('/auth/logout?scope=global', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await player.closed).toMatchObject({ code: closings.session_ended.code });
    expect(await rig.connect({ token }).closed).toMatchObject({ code: closings.session_ended.code });
  });

  it('is told to come back when the issuer cannot be asked, while those who play go on', async () => {
    const bob = await rig.player('bert');
    away.answer = () => ({ status: 503 });
    const turned = rig.connect({ token: away.token() });
    expect(await turned.closed).toMatchObject({ code: closings.overloaded.code });
    expect(await bob.demand('match.list', { filter: 'mine' })).toEqual({ matches: [] });
    expect(bob.isClosed).toBe(false);
    expect(away.asked).toHaveLength(1);
  });

  // A page's token is remembered for a moment; it was remembered for its whole life, whatever became of who had signed it.
  it('is not let in at an http route any more once the issuer is off the list', async () => {
    await using upstream = await HttpUpstreamFixture.start();
    routeHttp(rig, httpRoute([upstream.port], { signIn: 'required' }));
    const headers = { authorization: `Bearer ${tokenOf('nora')}` };
    const ask = async () => (await rig.request('/app/x', { headers })).status;
    expect(await ask()).toBe(200);
    rig.auth.trustIssuers([away.listed()]);
    const start = performance.now();
    while ((await ask()) === 200) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(performance.now() - start).toBeLessThan(5_000);
    rig.auth.trustIssuers([issuer.listed(), away.listed()]);
    expect(await ask()).toBe(200);
  });
});
