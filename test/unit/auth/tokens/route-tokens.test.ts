import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Auth } from '../../../../src/auth/index.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

let running: RunningAuth;
let auth: Auth;
let account: { access_token: string; player: never; session: never };
beforeEach(async () => {
  running = await startAuth();
  auth = running.auth;
  const answer = await running.post('/auth/register', { name: 'ada', password: 'correct horse battery' });
  account = answer.json();
});
afterEach(async () => await running.close());

const holder = (route: string) => ({ route, player: account.player, session: account.session });

describe('tokens of a route', () => {
  it('are good for their kind and their route', async () => {
    const { token } = await auth.issueRouteToken('pass', holder('app'));
    await expect(auth.verifyRouteToken('pass', { route: 'app', token })).resolves.toMatchObject({
      name: 'ada',
      session: account.session,
    });
  });

  it('C10 are not taken for another kind, another route, or an access token', async () => {
    const pass = (await auth.issueRouteToken('pass', holder('app'))).token;
    const entry = (await auth.issueRouteToken('entry', holder('app'))).token;
    const subject = await auth.pseudonymOf(account.player, 'route app');
    const assertion = (await auth.assert({ route: 'app', subject })).token;
    const refused = { httpStatus: 401 };
    await expect(auth.verifyRouteToken('entry', { route: 'app', token: pass })).rejects.toMatchObject(
      refused,
    );
    await expect(auth.verifyRouteToken('pass', { route: 'app', token: entry })).rejects.toMatchObject(
      refused,
    );
    await expect(auth.verifyRouteToken('pass', { route: 'other', token: pass })).rejects.toMatchObject(
      refused,
    );
    for (const kind of ['pass', 'entry'] as const) {
      for (const token of [assertion, account.access_token]) {
        await expect(auth.verifyRouteToken(kind, { route: 'app', token })).rejects.toMatchObject(refused);
      }
    }
    for (const token of [pass, entry, assertion]) {
      await expect(auth.verifyAccessToken({ token })).rejects.toMatchObject(refused);
    }
  });

  it('C13 count no more when their session has ended', async () => {
    const { token } = await auth.issueRouteToken('pass', holder('app'));
    await running.post('/auth/logout', undefined, account.access_token);
    await expect(auth.verifyRouteToken('pass', { route: 'app', token })).rejects.toMatchObject({
      code: 'session_ended',
    });
  });

  it('end after a minute, or after twelve hours', async () => {
    const pass = (await auth.issueRouteToken('pass', holder('app'))).token;
    const entry = (await auth.issueRouteToken('entry', holder('app'))).token;
    running.clock.advance(60 + 61);
    await expect(auth.verifyRouteToken('entry', { route: 'app', token: entry })).rejects.toMatchObject({
      code: 'token_expired',
    });
    await auth.verifyRouteToken('pass', { route: 'app', token: pass });
    running.clock.advance(12 * 3_600);
    await expect(auth.verifyRouteToken('pass', { route: 'app', token: pass })).rejects.toMatchObject({
      code: 'token_expired',
    });
  });
});

describe('F2 the assertion of who asks', () => {
  it('verifies with the published keys, for its route and a minute, and names the pseudonym alone', async () => {
    const url = await running.app.listen({ port: 0, host: '127.0.0.1' });
    const subject = await auth.pseudonymOf(account.player, 'route app');
    const { token, expiresAt } = await auth.assert({ route: 'app', subject });
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', url));
    const { payload } = await jwtVerify(token, keys, {
      audience: 'urn:castling:route:app',
      typ: 'castling-assertion+jwt',
      currentDate: new Date(running.clock.now),
    });
    expect(Object.keys(payload).toSorted()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(payload.sub).toBe(subject);
    expect(payload.exp).toBe(expiresAt);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(decodeProtectedHeader(token).typ).toBe('castling-assertion+jwt');
  });

  it('says the name where it is told to', async () => {
    const subject = await auth.pseudonymOf(account.player, 'route app');
    const { token } = await auth.assert({ route: 'app', subject, name: 'ada' });
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
      name: 'ada',
    });
  });
});
