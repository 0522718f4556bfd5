import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { type Account, type Answer, ProxyRig } from '../support/proxy-rig.ts';

type Changes = Parameters<typeof httpRoute>[1];

let upstream: HttpUpstreamFixture;
let rig: ProxyRig;
let ada: Account;
beforeAll(async () => {
  upstream = await HttpUpstreamFixture.start();
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

let names = 0;
beforeEach(async () => {
  names += 1;
  ada = await rig.register(`ada${names}`);
  signedIn();
});

function signedIn(changes: Changes = {}): void {
  routeHttp(rig, httpRoute([upstream.port], { signIn: 'required', ...changes }));
}

/** What TLS is asked for, whatever the Host field says. */
const servername = 'localhost';
const own = () => `https://localhost:${rig.port}`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function entry(name = 'app', token = ada.access_token): Promise<Answer> {
  return await rig.request(`/routes/${name}/entry`, {
    method: 'POST',
    headers: { ...bearer(token), origin: own() },
  });
}

async function handIn(
  token: string,
  { headers = {}, to = '/app/x', path = '/app/.castling/enter' } = {},
): Promise<Answer> {
  return await rig.request(path, {
    method: 'POST',
    servername,
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: own(), ...headers },
    body: new URLSearchParams({ entry: token, to }).toString(),
  });
}

/** The cookie that a browser has after it was led through the page. */
async function pass(): Promise<string> {
  const { entry: token } = JSON.parse((await entry()).body);
  const answer = await handIn(token);
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' };

describe('a browser at a route where one signs in', () => {
  it('is led to a page of Castling’s own, which may do little and is framed by nobody', async () => {
    const answer = await rig.request('/app/x?y=1', { headers: navigation });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/routes/app/enter?to=%2Fapp%2Fx%3Fy%3D1');
    const page = await rig.request(answer.headers.location ?? '');
    expect(page.status).toBe(200);
    expect(page.body).toContain('value="/app/x?y=1"');
    expect(page.body).toContain('action="/app/.castling/enter"');
    expect(page.headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'self'; connect-src 'self'; form-action 'self'.*frame-ancestors 'none'/,
    );
    expect(page.headers['cache-control']).toBe('no-store');
    const script = await rig.request('/routes/enter.js');
    expect(script.headers['content-type']).toMatch(/^text\/javascript/);
    expect(upstream.seen.map(({ url }) => url)).not.toContain('/x?y=1');
  });

  it('is led nowhere when a script asks, but told', async () => {
    for (const headers of [{ 'sec-fetch-mode': 'cors' }, {}]) {
      const answer = await rig.request('/app/x', { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_signed_in' });
    }
  });

  it('gets a cookie for this host alone, which no script can read', async () => {
    const { entry: token } = JSON.parse((await entry()).body);
    const answer = await handIn(token, { to: '/app/x?y=1' });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/app/x?y=1');
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^__Host-castling-pass-app=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    );
  });

  it('is known to the upstream by one signed word, and by nothing else', async () => {
    const cookie = await pass();
    const answer = await rig.request('/app/hello', { headers: { cookie: `${cookie}; own=1` } });
    expect(answer.status).toBe(200);
    const { headers } = upstream.last;
    expect(headers.cookie).toBe('own=1');
    expect(headers.authorization).toBeUndefined();
    const assertion = String(headers['castling-assertion']);
    const keys = JSON.parse((await rig.request('/.well-known/jwks.json')).body);
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
      audience: 'urn:castling:route:app',
      typ: 'castling-assertion+jwt',
    });
    expect(payload.sub).toMatch(/^y_/);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
    expect(JSON.stringify(payload)).not.toMatch(new RegExp(`${ada.name}|${ada.player}|${ada.session}`));
  });

  it('F2 is another one at another route, and the same one each time', async () => {
    routeHttp(
      rig,
      httpRoute([upstream.port], { signIn: 'required' }),
      httpRoute([upstream.port], {
        name: 'other',
        place: { kind: 'path', path: '/other/' },
        signIn: 'required',
        tellsName: true,
      }),
    );
    const at = async (path: string) => {
      await rig.request(path, { headers: bearer(ada.access_token) });
      return decodeJwt(String(upstream.last.headers['castling-assertion']));
    };
    const [one, again, other] = [await at('/app/'), await at('/app/'), await at('/other/')];
    expect(one.sub).toBe(again.sub);
    expect(other.sub).not.toBe(one.sub);
    expect(one.name).toBeUndefined();
    expect(other.name).toBe(ada.name);
  });

  it('signs nobody in as somebody else: the form counts from the page’s own origin alone, once for its route', async () => {
    const { entry: token } = JSON.parse((await entry()).body);
    for (const origin of ['https://evil.example', 'null', '']) {
      const answer = await handIn(token, { headers: { origin } });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
    expect((await handIn('nonsense')).status).toBe(401);
    expect((await handIn(ada.access_token)).status).toBe(401);
    expect((await rig.request('/app/.castling/enter')).status).toBe(405);
    expect((await entry('app', 'nonsense')).status).toBe(401);
    expect((await entry('unknown')).status).toBe(404);
    const foreign = await rig.request('/routes/app/entry', {
      method: 'POST',
      headers: { ...bearer(ada.access_token), origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
  });

  it.each(['https://evil.example/', '//evil.example/', '/\\evil.example/', '/auth/logout'])(
    'is not led on to %s',
    async (to) => {
      const { entry: token } = JSON.parse((await entry()).body);
      expect((await handIn(token, { to })).headers.location).toBe('/app/');
    },
  );

  it('changes nothing for a page of another origin', async () => {
    const cookie = await pass();
    const before = upstream.seen.length;
    const post = (headers: Record<string, string>) =>
      rig.request('/app/x', { method: 'POST', headers: { cookie, ...headers } });
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await post(headers as Record<string, string>);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([403, 'cross_site_refused']);
    }
    expect(upstream.seen).toHaveLength(before);
    expect((await post({ origin: own(), 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await post({ 'sec-fetch-site': 'none' })).status).toBe(200);
    // A token is not sent by itself.
    const byToken = { ...bearer(ada.access_token), origin: 'https://evil.example' };
    expect((await rig.request('/app/x', { method: 'POST', headers: byToken })).status).toBe(200);
  });

  it('C13 is out within a second of the end of its session', async () => {
    const cookie = await pass();
    expect((await rig.request('/app/x', { headers: { cookie } })).status).toBe(200);
    const startedAt = performance.now();
    await rig.request('/auth/logout', { method: 'POST', headers: bearer(ada.access_token) });
    for (;;) {
      const answer = await rig.request('/app/x', { headers: { cookie } });
      if (answer.status === 401) {
        expect(JSON.parse(answer.body).code).toBe('session_ended');
        break;
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect((await rig.request('/app/x', { headers: { cookie, ...navigation } })).status).toBe(303);
    expect((await entry()).status).toBe(401);
  });

  it('C10 shows only what is for this: no refresh token, no assertion, no token of another route', async () => {
    const cookie = await pass();
    await rig.request('/app/x', { headers: { cookie } });
    const assertion = String(upstream.last.headers['castling-assertion']);
    const token = cookie.split('=')[1] ?? '';
    for (const headers of [
      bearer(assertion),
      bearer(token),
      bearer(ada.refresh_token),
      { cookie: `__Host-castling-pass-app=${assertion}` },
      { cookie: `__Host-castling-pass-app=${ada.access_token}` },
      { cookie: `__Host-castling=${ada.refresh_token}` },
      { cookie: `${cookie}; ${cookie}` },
      { authorization: `Basic ${btoa('ada:x')}`, cookie },
    ]) {
      expect((await rig.request('/app/x', { headers })).status).toBe(401);
    }
    for (const each of [assertion, token]) {
      expect((await rig.request('/auth/me', { headers: bearer(each) })).status).toBe(401);
    }
  });

  it('may be one of those that the route is for', async () => {
    signedIn({ allow: ['grace'] });
    expect((await rig.request('/app/x', { headers: bearer(ada.access_token) })).status).toBe(403);
    expect((await entry()).status).toBe(403);
    signedIn({ allow: [ada.name] });
    expect((await rig.request('/app/x', { headers: bearer(ada.access_token) })).status).toBe(200);
  });

  it('is asked for as what they are now: guests come in where guests may, and as players when they have got an account', async () => {
    const json = { 'content-type': 'application/json' };
    const guest = await rig.request('/auth/guest', { method: 'POST', headers: json, body: '{}' });
    const { access_token: token } = JSON.parse(guest.body) as { access_token: string };
    const statusOf = async (headers: Record<string, string>) =>
      (await rig.request('/app/x', { headers })).status;
    signedIn({ allow: 'players-and-guests', tellsName: true });
    const { entry: entryToken } = JSON.parse((await entry('app', token)).body);
    const cookie = (await handIn(entryToken)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect([await statusOf({ cookie }), await statusOf(bearer(token))]).toEqual([200, 200]);
    signedIn({ allow: 'players', tellsName: true });
    expect((await entry('app', token)).status).toBe(403);
    expect([await statusOf({ cookie }), await statusOf(bearer(token))]).toEqual([403, 403]);
    const upgraded = await rig.request('/auth/guest/upgrade', {
      method: 'POST',
      headers: { ...json, ...bearer(token) },
      body: JSON.stringify({ name: 'no-guest', password: 'correct horse battery' }),
    });
    expect(upgraded.status).toBe(200);
    for (const shown of [{ cookie }, bearer(token)]) {
      while ((await statusOf(shown)) !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
      const told = decodeJwt(String(upstream.last.headers['castling-assertion']));
      expect(told.name).toBe('no-guest');
    }
  });

  it('is nobody at a public route', async () => {
    signedIn({ signIn: 'public' });
    await rig.request('/app/x', { headers: bearer(ada.access_token) });
    expect(upstream.last.headers['castling-assertion']).toBeUndefined();
    expect((await rig.request('/routes/app/enter')).status).toBe(404);
  });
});

describe('a browser at a route with a host of its own', () => {
  it('comes from the page at Castling’s host, and gets its cookie there', async () => {
    signedIn({ place: { kind: 'host', host: 'app.localhost', entrance: own() } });
    const host = `app.localhost:${rig.port}`;
    const led = await rig.request('/x', { headers: { host, ...navigation }, servername });
    expect(led.headers.location).toBe(`${own()}/routes/app/enter?to=%2Fx`);
    const page = await rig.request('/routes/app/enter?to=%2Fx', {
      headers: { host: `localhost:${rig.port}` },
    });
    expect(page.body).toContain(`action="https://${host}/.castling/enter"`);
    expect(page.headers['content-security-policy']).toContain(`form-action https://${host};`);
    const { entry: token } = JSON.parse((await entry()).body);
    const atHost = { path: '/.castling/enter', to: '/x' };
    const foreign = await handIn(token, { ...atHost, headers: { host, origin: `https://${host}` } });
    expect(foreign.status).toBe(403);
    const entered = await handIn(token, { ...atHost, headers: { host } });
    expect([entered.status, entered.headers.location]).toEqual([303, '/x']);
    const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await rig.request('/x', { headers: { host, cookie }, servername })).status).toBe(200);
    expect(upstream.last.url).toBe('/x');
  });

  it('finds nothing of Castling’s there', async () => {
    signedIn({ place: { kind: 'host', host: 'app.localhost', entrance: own() }, signIn: 'public' });
    const before = upstream.seen.length;
    for (const path of ['/auth/me', '/api/games', '/', '/routes/app/enter']) {
      expect((await rig.request(path, { headers: { host: 'APP.localhost' }, servername })).body).toBe(
        'hello',
      );
    }
    expect(upstream.seen).toHaveLength(before + 4);
  });
});
