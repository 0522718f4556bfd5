import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';

const credentials = { name: 'Anna', password: 'correct horse' };
const host = 'games.example:8443';
const own = { host, origin: `https://${host}` };
const page = { ...own, 'castling-client': 'browser', 'content-type': 'application/json' };

let running: RunningAuth;
beforeEach(async () => {
  running = await startAuth();
});
afterEach(async () => {
  await running.close();
});

function post(url: string, headers: Record<string, string>, body?: object): Promise<LightMyRequestResponse> {
  return running.app.inject({ method: 'POST', url, headers, ...(body && { payload: body }) });
}

/** The Set-Cookie of the sign-in, which comes first, split at its attributes. */
function cookieOf(response: LightMyRequestResponse): { value: string; attributes: string[] } {
  const [first = ''] = [response.headers['set-cookie'] ?? ''].flat();
  const [pair = '', ...attributes] = first.split('; ');
  const [name, value = ''] = pair.split('=');
  expect(name).toBe('__Host-castling');
  return { value, attributes };
}

async function register(): Promise<{ cookie: string; accessToken: string; session: string }> {
  const response = await post('/auth/register', page, credentials);
  expect(response.statusCode).toBe(201);
  const { access_token: accessToken, session } = response.json();
  return { cookie: `__Host-castling=${cookieOf(response).value}`, accessToken, session };
}

describe('B20 a page signs in', () => {
  it.each(['/auth/register', '/auth/login'])(
    '%s gives the refresh token as a cookie, and nowhere else',
    async (url) => {
      if (url === '/auth/login') await running.post('/auth/register', credentials);
      const response = await post(url, page, credentials);
      const { value, attributes } = cookieOf(response);
      expect(value).toMatch(/^crt_[\w-]{43}$/);
      expect(attributes).toEqual([
        'Path=/',
        'Secure',
        'HttpOnly',
        'SameSite=Strict',
        `Max-Age=${30 * 86_400}`,
      ]);
      const { recovery_codes: codes, ...answer } = response.json();
      expect(codes?.length).toBe(url === '/auth/register' ? 8 : undefined);
      expect(Object.keys(answer).sort()).toEqual(
        ['access_token', 'expires_in', 'name', 'player', 'session', 'token_type'].sort(),
      );
      expect(response.body).not.toContain('crt_');
      expect(response.headers['cache-control']).toBe('no-store');
    },
  );

  it('goes on with the cookie, which is replaced each time', async () => {
    const { cookie, session } = await register();
    const response = await post('/auth/refresh', { ...page, cookie: `theme=dark; ${cookie}` }, {});
    expect(response.statusCode).toBe(200);
    expect(response.json().session).toBe(session);
    expect(response.body).not.toContain('crt_');
    expect(cookieOf(response).value).not.toBe(cookie.split('=')[1]);
  });

  it('a program still gets its refresh token in the body, and no cookie', async () => {
    const response = await running.post('/auth/register', credentials);
    expect(response.json().refresh_token).toMatch(/^crt_/);
    expect(response.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['no cookie', undefined],
    ['another cookie', 'session=crt_x'],
    ['a cookie that is no token', '__Host-castling=crt_short'],
    ['two of them', `__Host-castling=crt_${'A'.repeat(43)}; __Host-castling=crt_${'A'.repeat(43)}`],
  ])('is refused with %s, and the cookie is cleared', async (_what, cookie) => {
    const response = await post('/auth/refresh', { ...page, ...(cookie && { cookie }) }, {});
    expect(response.statusCode).toBe(401);
    expect(response.json().code).toBe('refresh_token_invalid');
    expect(cookieOf(response)).toMatchObject({
      value: '',
      attributes: expect.arrayContaining(['Max-Age=0']),
    });
  });

  it('a token in the wrong place is not taken', async () => {
    const { cookie } = await register();
    const token = cookie.split('=')[1];
    const inBody = await post('/auth/refresh', page, { refresh_token: token });
    expect(inBody.json()).toMatchObject({ status: 400, code: 'body_invalid', rule: 'refresh.place' });
    // Without the field that only our page can send, a cookie counts for nothing.
    const withoutField = await post(
      '/auth/refresh',
      { ...own, 'content-type': 'application/json', cookie },
      {},
    );
    expect(withoutField.json()).toMatchObject({ status: 400, code: 'body_invalid' });
    expect((await post('/auth/refresh', { ...page, cookie }, {})).statusCode).toBe(200);
  });
});

describe('B20 a foreign page', () => {
  const foreign: readonly (readonly [string, Record<string, string>])[] = [
    ['another host', { host, origin: 'https://evil.example' }],
    ['another port', { host, origin: 'https://games.example:444' }],
    ['a host that begins alike', { host, origin: 'https://games.example:8443.evil.example' }],
    ['plain http', { host, origin: `http://${host}` }],
    ['an opaque origin', { host, origin: 'null' }],
    ['upper case', { host, origin: 'https://GAMES.example:8443' }],
    ['a browser that says so', { ...own, 'sec-fetch-site': 'cross-site' }],
  ];
  const calls = ['/auth/refresh', '/auth/logout', '/auth/login', '/auth/register'] as const;

  it.each(foreign)(
    'of %s gets 403 with and without the custom field, and changes nothing',
    async (_what, headers) => {
      const { cookie, accessToken } = await register();
      for (const url of calls) {
        for (const field of [{}, { 'castling-client': 'browser' }]) {
          const response = await post(
            url,
            {
              ...headers,
              ...field,
              cookie,
              'content-type': 'application/json',
              authorization: `Bearer ${accessToken}`,
            },
            {},
          );
          expect([url, response.statusCode, response.json().code]).toEqual([url, 403, 'origin_refused']);
          expect(response.headers['set-cookie']).toBeUndefined();
          expect(response.headers['access-control-allow-origin']).toBeUndefined();
        }
      }
      expect((await running.get('/auth/me', accessToken)).statusCode).toBe(200);
      expect((await post('/auth/refresh', { ...page, cookie }, {})).statusCode).toBe(200);
    },
  );

  it('that hides its origin is no page of ours', async () => {
    const { cookie } = await register();
    const { origin: _, ...withoutOrigin } = page;
    expect((await post('/auth/refresh', { ...withoutOrigin, cookie }, {})).statusCode).toBe(403);
  });
});

describe('F4 leaving', () => {
  it('clears the cookie and what the page kept', async () => {
    const { cookie, accessToken } = await register();
    const { 'content-type': _, ...bodiless } = page;
    const response = await post('/auth/logout', {
      ...bodiless,
      cookie,
      authorization: `Bearer ${accessToken}`,
    });
    expect(response.statusCode).toBe(204);
    expect(cookieOf(response)).toMatchObject({
      value: '',
      attributes: expect.arrayContaining(['Max-Age=0']),
    });
    expect(response.headers['clear-site-data']).toBe('"cache", "storage"');
    expect((await post('/auth/refresh', { ...page, cookie }, {})).statusCode).toBe(401);
  });

  it('works with an access token that is good no more', async () => {
    const { cookie } = await register();
    const { 'content-type': _, ...bodiless } = page;
    const response = await post('/auth/logout', { ...bodiless, cookie, authorization: 'Bearer a.b.c' });
    expect(response.statusCode).toBe(401);
    expect(cookieOf(response).value).toBe('');
  });

  it('ending the other sessions keeps this one signed in', async () => {
    const { cookie, accessToken } = await register();
    const { 'content-type': _, ...bodiless } = page;
    const headers = { ...bodiless, cookie, authorization: `Bearer ${accessToken}` };
    const response = await post('/auth/logout?scope=others', headers);
    expect(response.headers['set-cookie']).toBeUndefined();
    expect((await post('/auth/refresh', { ...page, cookie }, {})).statusCode).toBe(200);
  });
});
