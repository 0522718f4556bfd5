import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpCode, totpStep } from '../../src/auth/second-factor/totp.ts';
import { fromBase32 } from '../support/base32.ts';
import { httpRoute, routeHttp } from '../support/http-routes.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import { ProofSigner } from '../support/proof-signer.ts';
import { type Answer, ProxyRig } from '../support/proxy-rig.ts';
import { TinyIssuer } from '../support/tiny-issuer.ts';

const password = 'correct horse battery';
const certificates = new LinkCertificates();
let upstream: HttpUpstreamFixture;
let issuer: TinyIssuer;
let rig: ProxyRig;
/** One good one of each kind, by its name. */
const secrets = new Map<string, string>();

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const own = () => `https://localhost:${rig.port}`;

async function post(path: string, body: object, token?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', origin: own(), ...(token && bearer(token)) };
  return await rig.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function enter(entry: string): Promise<Answer> {
  return await rig.request('/app/.castling/enter', {
    method: 'POST',
    servername: 'localhost',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: own() },
    body: new URLSearchParams({ entry, to: '/app/x' }).toString(),
  });
}

/** Whether the place lets somebody in who shows this text. */
const places: { readonly [place: string]: (text: string) => Promise<boolean> } = {
  'a request to the API': async (text) =>
    (await rig.request('/auth/me', { headers: bearer(text) })).status === 200,
  'a socket of the game': async (text) => {
    const player = rig.connect({ token: text });
    return await Promise.race([
      player.signedIn.then(
        () => true,
        () => false,
      ),
      player.closed.then(() => false),
    ]);
  },
  'an http route': async (text) => (await rig.request('/app/x', { headers: bearer(text) })).status === 200,
  'the cookie of an http route': async (text) => {
    const headers = { cookie: `__Host-castling-pass-app=${text}` };
    return (await rig.request('/app/x', { headers })).status === 200;
  },
  'the door of an http route': async (text) => {
    const answer = await enter(text);
    return answer.headers['set-cookie'] !== undefined;
  },
  'a refresh': async (text) => (await post('/auth/refresh', { refresh_token: text })).status === 200,
  'the second half of a sign-in': async (text) =>
    (await post('/auth/login/second-factor', { ticket: text, code: code() })).status === 200,
  'a terminal that a browser lets in': async (text) =>
    (await post('/auth/device/token', { device_code: text })).status === 200,
  'a recovery': async (text) =>
    (
      await post('/auth/recover', {
        name: 'ada',
        recovery_code: text,
        new_password: `${password} 2`,
        code: spares[1],
      })
    ).status === 200,
};

/** Which kinds are good where; everything else is good for nothing there. */
const good: { readonly [place: string]: readonly string[] } = {
  'a request to the API': ['access token', 'guest’s access token', 'outside issuer’s token'],
  'a socket of the game': ['access token', 'guest’s access token', 'outside issuer’s token'],
  'an http route': ['access token', 'outside issuer’s token'],
  'the cookie of an http route': ['pass'],
  'the door of an http route': ['entry'],
  'a refresh': ['refresh token'],
  'the second half of a sign-in': ['ticket'],
  'a terminal that a browser lets in': ['device code'],
  'a recovery': ['recovery code'],
};

let totpSecret: Uint8Array;
/** Stand in for the code of an app where that would be used up. */
let spares: readonly string[];
const code = () => totpCode(totpSecret, totpStep(Date.now()) + 1);

beforeAll(async () => {
  upstream = await HttpUpstreamFixture.start();
  issuer = await TinyIssuer.start(certificates);
  // What is tried here is what a thing is, not how often somebody may guess.
  const limits = { guesses: { freeTries: 1_000, triesMost: 1_000 } };
  rig = await ProxyRig.start({ auth: { issuers: [issuer.listed()], limits } });
  routeHttp(rig, httpRoute([upstream.port], { signIn: 'required' }));

  const registered = JSON.parse((await post('/auth/register', { name: 'ada', password })).body);
  const access: string = registered.access_token;
  secrets.set('access token', access);
  secrets.set('refresh token', registered.refresh_token);
  secrets.set('recovery code', registered.recovery_codes[0]);
  spares = registered.recovery_codes.slice(1);
  secrets.set('guest’s access token', JSON.parse((await post('/auth/guest', {})).body).access_token);
  secrets.set('outside issuer’s token', issuer.token());
  secrets.set(
    'outside issuer’s logout token',
    issuer.token({ header: { typ: 'logout+jwt' }, claims: { events: {} } }),
  );

  const { secret } = JSON.parse((await post('/auth/totp', { current_password: password }, access)).body);
  totpSecret = fromBase32(secret);
  await post('/auth/totp/confirm', { code: totpCode(totpSecret, totpStep(Date.now())) }, access);
  const half = JSON.parse((await post('/auth/login', { name: 'ada', password })).body);
  secrets.set('ticket', half.ticket);

  const device = JSON.parse((await post('/auth/device', {})).body);
  secrets.set('device code', device.device_code);
  secrets.set('user code', device.user_code);

  await rig.request('/app/x', { headers: bearer(access) });
  secrets.set('assertion for an upstream', String(upstream.last.headers['castling-assertion']));
  const entryFor = async () => JSON.parse((await post('/routes/app/entry', {}, access)).body).entry as string;
  const [cookie = ''] = (await enter(await entryFor())).headers['set-cookie'] ?? [];
  secrets.set('pass', cookie.slice(cookie.indexOf('=') + 1, cookie.indexOf(';')));
  secrets.set('entry', await entryFor());
  const key = await ProofSigner.make();
  secrets.set('proof of a key', key.sign({ url: `${own()}/auth/me`, accessToken: access, now: Date.now() }));
  secrets.set('session', registered.session);
  secrets.set('player', registered.player);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  certificates.remove();
});

describe('C10 what is good at one place of a running proxy', () => {
  it('is one of each kind', () => {
    expect([...secrets].filter(([, text]) => typeof text !== 'string' || text.length < 6)).toEqual([]);
    expect(secrets.size).toBe(15);
  });

  it.each(Object.keys(places))('is good for nothing at another: %s', async (place) => {
    const others = [...secrets].filter(([kind]) => !good[place]?.includes(kind));
    const verdicts = await Promise.all(
      others.map(async ([kind, text]) => ({ kind, isGood: await places[place]?.(text) })),
    );
    expect(verdicts.filter(({ isGood }) => isGood)).toEqual([]);
  });

  it('was good all along', async () => {
    const approved = await post(
      '/auth/device/approve',
      { user_code: secrets.get('user code'), current_password: password, code: spares[0] },
      secrets.get('access token'),
    );
    expect(approved.status).toBe(204);
    const refused = [];
    for (const [place, kinds] of Object.entries(good)) {
      for (const kind of kinds) {
        if (!(await places[place]?.(secrets.get(kind) ?? ''))) refused.push(`${kind} at ${place}`);
      }
    }
    expect(refused).toEqual([]);
  });
});
