import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import { parseId } from '../../../../src/protocol/ids.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

const anna = { name: 'Anna', password: 'correct horse' };
let running: RunningAuth;

beforeEach(async () => {
  running = await startAuth();
});
afterEach(async () => {
  await running.close();
});

const register = async (body: object = anna): Promise<TokenAnswer> =>
  (await running.post('/auth/register', body)).json();

describe('accounts over HTTP', () => {
  it('register with 201 and a token answer', async () => {
    const response = await running.post('/auth/register', { ...anna, device: 'laptop' });
    expect(response.statusCode).toBe(201);
    const answer: TokenAnswer = response.json();
    expect(answer).toMatchObject({
      token_type: 'Bearer',
      expires_in: 600,
      refresh_expires_in: 30 * 86_400,
      name: 'anna',
    });
    expect(parseId('player', answer.player)).toBeDefined();
    expect(answer.refresh_token).toMatch(/^crt_[\w-]{43}$/);
    expect(await running.auth.verifyAccessToken({ token: answer.access_token })).toEqual({
      player: answer.player,
      name: 'anna',
      session: answer.session,
      expiresAt: running.clock.now / 1000 + 600,
    });
  });

  it('log in, refresh, say who one is, and log out', async () => {
    const { player } = await register();
    const login = await running.post('/auth/login', anna);
    expect(login.statusCode).toBe(200);
    const first: TokenAnswer = login.json();
    const refreshed = await running.post('/auth/refresh', { refresh_token: first.refresh_token });
    expect(refreshed.statusCode).toBe(200);
    const second: TokenAnswer = refreshed.json();
    expect([second.player, second.session]).toEqual([player, first.session]);
    const me = await running.get('/auth/me', second.access_token);
    expect([me.statusCode, me.json()]).toEqual([
      200,
      { player, name: 'anna', session: first.session, createdAt: running.clock.now },
    ]);
    const logout = await running.post('/auth/logout', undefined, second.access_token);
    expect([logout.statusCode, logout.body]).toEqual([204, '']);
    for (const token of [first.access_token, second.access_token]) {
      const after = await running.get('/auth/me', token);
      expect([after.statusCode, after.json()]).toMatchObject([401, { code: 'session_ended' }]);
    }
  });

  it.each(['others', 'global'])('log out with scope %s', async (scope) => {
    const mine = await register();
    const other: TokenAnswer = (await running.post('/auth/login', anna)).json();
    expect((await running.post(`/auth/logout?scope=${scope}`, undefined, mine.access_token)).statusCode).toBe(
      204,
    );
    expect((await running.get('/auth/me', other.access_token)).statusCode).toBe(401);
    expect((await running.get('/auth/me', mine.access_token)).statusCode).toBe(
      scope === 'global' ? 401 : 200,
    );
  });

  it('publish public keys and nothing more', async () => {
    const response = await running.get('/.well-known/jwks.json');
    expect(response.headers['content-type']).toMatch(/^application\/jwk-set\+json\b/);
    expect(response.headers['cache-control']).toBe('public, max-age=300');
    const { keys } = response.json() as { keys: object[] };
    expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
    ]);
  });
});

describe('problem documents', () => {
  it('have the members of RFC 9457, our code and the request id', async () => {
    const response = await running.post('/auth/login', { ...anna, password: 'wrong password' });
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.headers['www-authenticate']).toBe('Bearer realm="castling"');
    expect(response.json()).toEqual({
      type: 'urn:castling:problem:credentials_wrong',
      title: 'The name or the password is wrong.',
      status: 401,
      detail: 'The name or the password is wrong.',
      code: 'credentials_wrong',
      requestId: expect.stringMatching(/./),
    });
  });

  it.each([
    ['a member too many', { ...anna, admin: true }, 400, 'body_invalid', 'schema.additionalProperties'],
    ['a member missing', { name: 'anna' }, 400, 'body_invalid', 'schema.required'],
    ['a number for a name', { name: 7, password: 'correct horse' }, 400, 'body_invalid', 'schema.type'],
    ['a list', [anna], 400, 'body_invalid', 'schema.type'],
    [
      'a member twice',
      '{"name":"anna","name":"bert","password":"correct horse"}',
      400,
      'body_invalid',
      'body.json',
    ],
    [
      '__proto__',
      '{"name":"anna","password":"correct horse","__proto__":{}}',
      400,
      'body_invalid',
      'body.json',
    ],
    [
      'a lone surrogate',
      '{"name":"anna","password":"correct \\ud800horse"}',
      400,
      'body_invalid',
      'body.json',
    ],
    ['what is not JSON', '{', 400, 'body_invalid', 'body.json'],
    [
      'a control character in the device',
      { ...anna, device: 'a\u0007' },
      400,
      'body_invalid',
      'schema.pattern',
    ],
    ['a name of another kind', { ...anna, name: 'a b' }, 400, 'name_refused', 'name.characters'],
    ['a short password', { ...anna, password: 'short77' }, 400, 'password_refused', 'password.length'],
    ['a body of 9 KB', { ...anna, password: 'x'.repeat(9000) }, 413, 'body_too_large', undefined],
  ])('refuse %s', async (_what, body, status, code, rule) => {
    const response = await running.post('/auth/register', body);
    expect(response.json()).toMatchObject({ status, code, ...(rule === undefined ? {} : { rule }) });
    expect(response.statusCode).toBe(status);
    // Nothing was made.
    expect((await running.post('/auth/login', anna)).statusCode).toBe(401);
  });

  it('never repeat what was sent', async () => {
    for (const body of [
      { ...anna, password: 'canary-1'.repeat(200) },
      { ...anna, 'canary-2': 1 },
      { name: 'canary-3 ', password: 'correct horse' },
      { name: ['canary-4'], password: 'correct horse' },
      '{"canary-5',
    ]) {
      const { statusCode, body: text } = await running.post('/auth/register', body);
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain('canary');
    }
  });

  it('refuse a coded body without decoding it, and other media types', async () => {
    for (const headers of [
      { 'content-type': 'application/json', 'content-encoding': 'br' },
      { 'content-type': 'application/json', 'content-encoding': 'identity' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/jsonx' },
    ]) {
      const payload = JSON.stringify(anna);
      const response = await running.app.inject({ method: 'POST', url: '/auth/register', headers, payload });
      expect([response.statusCode, response.json()]).toMatchObject([415, { code: 'media_type_unsupported' }]);
    }
  });

  it('refuse what is not UTF-8', async () => {
    const response = await running.app.inject({
      method: 'POST',
      url: '/auth/login',
      headers: { 'content-type': 'application/json' },
      payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]),
    });
    expect(response.json()).toMatchObject({ status: 400, rule: 'body.utf8' });
  });

  it.each(['?scope=all', '?scope=local&scope=global', '?other=1'])(
    'refuse the query %s of logout',
    async (query) => {
      const { access_token } = await register();
      const response = await running.post(`/auth/logout${query}`, undefined, access_token);
      expect(response.json()).toMatchObject({ status: 400, code: 'body_invalid' });
      expect((await running.get('/auth/me', access_token)).statusCode).toBe(200);
    },
  );

  it('say 401 with a challenge for a token that is absent, doubled, of another scheme, or wrong', async () => {
    const { access_token, refresh_token } = await register();
    const cases: [Record<string, string | string[]>, string, string][] = [
      [{}, 'token_missing', 'Bearer realm="castling"'],
      [{ authorization: `Basic ${access_token}` }, 'token_missing', 'Bearer realm="castling"'],
      [{ authorization: 'Bearer' }, 'token_missing', 'Bearer realm="castling"'],
      [{ authorization: `Bearer ${access_token} x` }, 'token_missing', 'Bearer realm="castling"'],
      [
        { authorization: `Bearer ${refresh_token}` },
        'token_malformed',
        'Bearer realm="castling", error="invalid_token"',
      ],
    ];
    for (const [headers, code, challenge] of cases) {
      const response = await running.app.inject({ url: '/auth/me', headers });
      expect(response.json()).toMatchObject({ status: 401, code });
      expect(response.headers['www-authenticate']).toBe(challenge);
    }
  });

  it('refuse two Authorization fields, whichever would do', async () => {
    const { access_token } = await register();
    const address = await running.app.listen({ host: '127.0.0.1', port: 0 });
    const good = `Bearer ${access_token}`;
    const statusWith = async (...values: string[]): Promise<unknown> => {
      const headers = values.flatMap((value) => ['Authorization', value]);
      const outgoing = request(`${address}/auth/me`, { headers: ['Host', 'localhost', ...headers] });
      outgoing.end();
      const [response] = await once(outgoing, 'response');
      response.resume();
      return response.statusCode;
    };
    expect(await statusWith(good)).toBe(200);
    expect(await statusWith(good, 'Bearer x')).toBe(401);
    expect(await statusWith('Bearer x', good)).toBe(401);
    expect(await statusWith(good, good)).toBe(401);
  });

  it('refuse an access token where a refresh token belongs', async () => {
    const { access_token } = await register();
    const response = await running.post('/auth/refresh', { refresh_token: access_token });
    expect(response.json()).toMatchObject({ status: 400, code: 'body_invalid', rule: 'schema.pattern' });
  });

  it('say that the server failed when the store is gone, and nothing of why', async () => {
    await running.auth.close();
    expect(await running.auth.healthy()).toBe(false);
    const response = await running.post('/auth/login', anna);
    expect(response.statusCode).toBeGreaterThanOrEqual(500);
    expect(response.body).not.toMatch(/sqlite|driver|destroyed|stack/i);
  });
});
