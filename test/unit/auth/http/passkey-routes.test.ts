import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../../../src/auth/http-schemas.ts';
import type { RequestOptions } from '../../../../src/auth/passkeys/passkey-schemas.ts';
import { totpCode, totpStep } from '../../../../src/auth/second-factor/totp.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import { type RunningAuth, startAuth } from '../../../support/auth-fixture.ts';
import { fromBase32 } from '../../../support/base32.ts';
import { type Claims, flags, SoftwareAuthenticator } from '../../../support/software-authenticator.ts';

const anna = { name: 'anna', password: 'correct horse' };
const proof = { current_password: anna.password };
const refused = [403, 'passkey_refused'];
let running: RunningAuth;
let mine: TokenAnswer & { recovery_codes: string[] };

/** What the log says, which is where the reasons are. */
let lines: string[];

beforeEach(async () => {
  lines = [];
  const destination = { write: (line: string) => void lines.push(line) };
  running = await startAuth({ logger: createLogger({ name: 'test', destination }) });
  mine = (await running.post('/auth/register', anna)).json();
});
afterEach(async () => {
  await running.close();
});

const post = async (path: string, body?: object, token: string | undefined = mine.access_token) =>
  await running.post(path, body, token);
/** The reasons that were logged, one a refusal. */
const refusals = () =>
  lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === 'request refused')
    .map(({ err }) => err?.message);
type Response = Awaited<ReturnType<typeof post>>;
const outcome = ({ statusCode, body }: Response) => [statusCode, body === '' ? '' : JSON.parse(body).code];

async function add(
  authenticator = new SoftwareAuthenticator(),
  claims: Claims = {},
): Promise<SoftwareAuthenticator> {
  const options = await post('/auth/passkeys/options', proof);
  const body = { name: 'my key', passkey: authenticator.create(options.json(), claims) };
  expect((await post('/auth/passkeys', body)).statusCode).toBe(201);
  return authenticator;
}

const signInOptions = async (name?: string): Promise<RequestOptions> =>
  (await running.post('/auth/login/passkey/options', name === undefined ? {} : { name })).json();

async function signIn(
  authenticator: SoftwareAuthenticator,
  { name, ...claims }: Claims & { readonly name?: string } = {},
): Promise<Response> {
  const passkey = authenticator.get(await signInOptions(name), claims);
  return await running.post('/auth/login/passkey', { passkey });
}

const list = async (token = mine.access_token) =>
  (await running.get('/auth/passkeys', token)).json().passkeys;

describe('a passkey', () => {
  it.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'with an %s key is made, and signs in without a name',
    async (algorithm) => {
      const key = await add(new SoftwareAuthenticator({ algorithm }));
      running.clock.advance(5);
      const answer = await signIn(key);
      expect(answer.json()).toMatchObject({ name: 'anna', player: mine.player, token_type: 'Bearer' });
      expect((await running.get('/auth/me', answer.json().access_token)).statusCode).toBe(200);
      expect(await list()).toEqual([
        {
          passkey: expect.stringMatching(/^k_[\w-]{22}$/),
          name: 'my key',
          domain: 'localhost',
          synced: false,
          createdAt: expect.any(Number),
          lastUsedAt: running.clock.now,
          suspectedAt: null,
        },
      ]);
    },
  );

  it('signs in by name, too, and by no other name', async () => {
    const key = await add();
    await running.post('/auth/register', { ...anna, name: 'bert' });
    const { allowCredentials } = await signInOptions('Anna');
    expect(allowCredentials).toContainEqual({ id: key.credential, type: 'public-key' });
    expect((await signIn(key, { name: 'anna' })).statusCode).toBe(200);
    for (const name of ['bert', 'nobody', '\u202e'])
      expect(outcome(await signIn(key, { name }))).toEqual(refused);
  });

  it('is two factors by itself: no code is asked for', async () => {
    const { secret } = (await post('/auth/totp', proof)).json();
    const code = totpCode(fromBase32(secret), totpStep(running.clock.now));
    const key = await add();
    expect((await post('/auth/totp/confirm', { code })).statusCode).toBe(204);
    expect(outcome(await running.post('/auth/login', anna))).toEqual([403, 'second_factor_needed']);
    expect((await signIn(key)).statusCode).toBe(200);
  });

  it('gets in whatever strangers do to the password', async () => {
    const key = await add();
    for (let tries = 0; tries < 11; tries += 1) {
      await running.post('/auth/login', { ...anna, password: 'not hers' });
    }
    expect((await running.post('/auth/login', anna)).statusCode).toBe(429);
    expect((await signIn(key)).statusCode).toBe(200);
  });

  it('is asked for on pages of this server alone, with the user verified', async () => {
    const options = (await post('/auth/passkeys/options', proof)).json();
    expect(options).toMatchObject({
      rp: { id: 'localhost', name: 'Castling' },
      user: { name: 'anna' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    expect(Buffer.from(options.challenge, 'base64url')).toHaveLength(32);
    expect(Buffer.from(options.user.id, 'base64url').toString()).toBe(mine.player);
    const wrongHost = async (host: string) =>
      await running.app.inject({
        method: 'POST',
        url: '/auth/login/passkey/options',
        headers: { host, 'content-type': 'application/json' },
        payload: {},
      });
    for (const host of ['127.0.0.1:8443', '[::1]', 'evil.example', 'localhost.evil.example']) {
      expect(outcome(await wrongHost(host))).toEqual([409, 'passkeys_unavailable']);
    }
    expect((await wrongHost('LOCALHOST:8443')).json()).toMatchObject({
      rpId: 'localhost',
      userVerification: 'required',
    });
  });
});

describe('D3 asking by name', () => {
  it('gets the same shape for an account with passkeys, one without, and no account', async () => {
    await add();
    await running.post('/auth/register', { ...anna, name: 'bert' });
    const shapes = [];
    for (const name of ['anna', 'bert', 'nobody', 'not a name\u202e']) {
      const answer = await running.post('/auth/login/passkey/options', { name });
      const { allowCredentials, challenge, ...rest } = answer.json();
      const ids = allowCredentials.map(({ id }: { id: string }) => id);
      expect(new Set(ids).size).toBe(10);
      expect(ids).toEqual(ids.toSorted());
      shapes.push({
        status: answer.statusCode,
        headers: Object.keys(answer.headers),
        size: challenge.length,
        rest,
      });
      // Asked again, it is the same list: a changing one would be known as made up.
      expect((await signInOptions(name)).allowCredentials).toEqual(allowCredentials);
    }
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
    // All forms of a name mean one account.
    expect((await signInOptions('NOBODY')).allowCredentials).toEqual(
      (await signInOptions('nobody')).allowCredentials,
    );
  });
});

describe('a passkey is refused, with one answer', () => {
  let key: SoftwareAuthenticator;
  beforeEach(async () => {
    key = await add();
  });

  it.each<[string, Claims, RegExp]>([
    ['from another origin', { origin: 'https://localhost.evil.example' }, /origin/],
    ['from another port', { origin: 'https://localhost:444' }, /origin/],
    ['from plain HTTP', { origin: 'http://localhost:80' }, /origin/],
    ['for another domain', { rpId: 'evil.example' }, /RP ID/],
    ['made by a registration', { type: 'webauthn.create' }, /type/],
    ['with a challenge of its own', { challenge: 'A'.repeat(43) }, /challenge/],
    ['without the user verified', { flags: flags.userPresent }, /could not be verified/],
    ['without the user present', { flags: flags.userVerified }, /not present/],
    ['with a forged signature', { isForged: true }, /signature/],
    [
      'naming another account',
      { userHandle: Buffer.from(`p_${'A'.repeat(22)}`).toString('base64url') },
      /names another/,
    ],
  ])('%s', async (_, claims, reason) => {
    const answer = await signIn(key, claims);
    expect(refusals().at(-1)).toMatch(reason);
    expect(outcome(answer)).toEqual(refused);
    expect(answer.json()).not.toHaveProperty('rule');
    expect((await signIn(key)).statusCode).toBe(200);
  });

  it('that nobody has registered', async () => {
    const stranger = await signIn(new SoftwareAuthenticator(), { userHandle: null });
    const forged = await signIn(key, { isForged: true });
    expect(outcome(stranger)).toEqual(refused);
    expect({ ...stranger.json(), requestId: '' }).toEqual({ ...forged.json(), requestId: '' });
  });

  it('with a challenge that was used, has passed, or was for something else', async () => {
    const options = await signInOptions();
    const passkey = key.get(options);
    const use = async () => await running.post('/auth/login/passkey', { passkey });
    expect([(await use()).statusCode, ...outcome(await use())]).toEqual([200, ...refused]);
    const late = key.get(await signInOptions());
    running.clock.advance(301);
    expect(outcome(await running.post('/auth/login/passkey', { passkey: late }))).toEqual(refused);
    const renewed = (await running.post('/auth/login', anna)).json().access_token;
    const other = (await post('/auth/reauthentication/passkey/options', undefined, renewed)).json();
    expect(outcome(await running.post('/auth/login/passkey', { passkey: key.get(other) }))).toEqual(refused);
  });

  it('two at once with one challenge: one gets in', async () => {
    const passkey = key.get(await signInOptions());
    const both = await Promise.all([0, 1].map(() => running.post('/auth/login/passkey', { passkey })));
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 403]);
  });

  it.each([
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['null', Buffer.from('null').toString('base64url')],
    ['nothing', ''],
  ])('whose client data is %s', async (_, clientDataJSON) => {
    const passkey = key.get(await signInOptions());
    const broken = { ...passkey, response: { ...passkey.response, clientDataJSON } };
    expect(outcome(await running.post('/auth/login/passkey', { passkey: broken }))).toEqual(refused);
  });

  it('whose counter has not grown, which is written down and shown to its owner', async () => {
    expect((await signIn(key, { counter: 7 })).statusCode).toBe(200);
    expect(outcome(await signIn(key, { counter: 7 }))).toEqual(refused);
    expect(outcome(await signIn(key, { counter: 3 }))).toEqual(refused);
    expect(outcome(await signIn(key, { counter: 0 }))).toEqual(refused);
    expect(await list()).toMatchObject([{ suspectedAt: running.clock.now }]);
    const { history } = (await running.get('/auth/export', mine.access_token)).json();
    expect(history).toContainEqual(expect.objectContaining({ action: 'passkey.suspect' }));
    expect((await signIn(key, { counter: 8 })).statusCode).toBe(200);
  });
});

describe('D9 adding a passkey', () => {
  it('takes the password again, and the code where there is one', async () => {
    expect(outcome(await post('/auth/passkeys/options', {}))).toEqual([400, 'body_invalid']);
    expect(outcome(await post('/auth/passkeys/options', { current_password: 'not hers' }))).toEqual([
      403,
      'password_wrong',
    ]);
    expect((await running.post('/auth/passkeys/options', proof)).statusCode).toBe(401);
    const { secret } = (await post('/auth/totp', proof)).json();
    const code = totpCode(fromBase32(secret), totpStep(running.clock.now));
    await post('/auth/totp/confirm', { code });
    expect(outcome(await post('/auth/passkeys/options', proof))).toEqual([403, 'second_factor_needed']);
  });

  it.each<[string, Claims, RegExp]>([
    ['from another origin', { origin: 'https://evil.example' }, /origin/],
    ['for another domain', { rpId: 'evil.example' }, /RP ID/],
    ['by an assertion', { type: 'webauthn.get' }, /type/],
    ['without the user verified', { flags: flags.userPresent }, /could not be verified/],
    ['with a key of an algorithm that was not asked for', { algorithm: 'ES384' }, /alg/],
    [
      'with a statement that names certificates',
      {
        attestation: {
          fmt: 'packed',
          attStmt: new Map<string, unknown>([
            ['alg', -7],
            ['sig', new Uint8Array(70)],
            ['x5c', [new Uint8Array(300)]],
          ]),
        },
      },
      /names certificates/,
    ],
    [
      'with a statement of another format',
      { attestation: { fmt: 'tpm', attStmt: new Map() } },
      /names certificates/,
    ],
  ])('is refused %s', async (_, claims, reason) => {
    const key = new SoftwareAuthenticator(claims);
    const options = (await post('/auth/passkeys/options', proof)).json();
    const body = { name: 'key', passkey: key.create(options, claims) };
    expect(outcome(await post('/auth/passkeys', body))).toEqual(refused);
    expect(refusals().at(-1)).toMatch(reason);
    expect(await list()).toEqual([]);
  });

  it('is refused to anybody but the player who asked, and once it is done', async () => {
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    const key = new SoftwareAuthenticator();
    const options = (await post('/auth/passkeys/options', proof)).json();
    const body = { name: 'key', passkey: key.create(options) };
    expect(outcome(await post('/auth/passkeys', body, bert.access_token))).toEqual(refused);
    expect(outcome(await post('/auth/passkeys', body))).toEqual(refused);
    expect(await list(bert.access_token)).toEqual([]);
  });

  it('knows one that is registered already, whoever has it', async () => {
    const key = await add();
    const options = (await post('/auth/passkeys/options', proof)).json();
    expect(options.excludeCredentials).toEqual([{ id: key.credential, type: 'public-key' }]);
    const again = await post('/auth/passkeys', { name: 'again', passkey: key.create(options) });
    expect(outcome(again)).toEqual([409, 'passkey_known']);
  });

  it('stops at ten', async () => {
    for (let count = 0; count < 10; count += 1) await add();
    expect(outcome(await post('/auth/passkeys/options', proof))).toEqual([409, 'passkeys_full']);
    expect(await list()).toHaveLength(10);
    expect((await signInOptions('anna')).allowCredentials).toHaveLength(10);
  });

  it('notes a synced one as such', async () => {
    await add(new SoftwareAuthenticator(), {
      flags: flags.userPresent | flags.userVerified | flags.backedUp,
    });
    expect(await list()).toMatchObject([{ synced: true }]);
  });
});

describe('D9 a passkey as proof of who asks', () => {
  const proofBy = async (key: SoftwareAuthenticator, token = mine.access_token, claims: Claims = {}) => ({
    passkey: key.get((await post('/auth/reauthentication/passkey/options', undefined, token)).json(), claims),
  });

  it('stands in for the password wherever that is asked for again', async () => {
    const key = await add();
    const codes = await post('/auth/recovery-codes', await proofBy(key));
    expect(codes.json().recovery_codes).toHaveLength(8);
    const change = { ...(await proofBy(key)), new_password: 'battery staple' };
    expect((await post('/auth/password', change)).statusCode).toBe(204);
    expect((await running.post('/auth/login', { ...anna, password: 'battery staple' })).statusCode).toBe(200);
    expect((await post('/auth/delete-account', await proofBy(key))).statusCode).toBe(204);
  });

  it('is the player’s own, verified, asked for now, and no sign-in', async () => {
    const key = await add();
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    const theirs = {
      passkey: key.get(
        (await post('/auth/reauthentication/passkey/options', undefined, bert.access_token)).json(),
      ),
    };
    expect(outcome(await post('/auth/recovery-codes', theirs, bert.access_token))).toEqual(refused);
    expect(outcome(await post('/auth/recovery-codes', theirs))).toEqual(refused);
    const unverified = await proofBy(key, mine.access_token, { flags: flags.userPresent });
    expect(outcome(await post('/auth/recovery-codes', unverified))).toEqual(refused);
    const asSignIn = { passkey: key.get(await signInOptions()) };
    expect(outcome(await post('/auth/recovery-codes', asSignIn))).toEqual(refused);
    const once = await proofBy(key);
    expect((await post('/auth/recovery-codes', once)).statusCode).toBe(200);
    expect(outcome(await post('/auth/recovery-codes', once))).toEqual(refused);
  });
});

describe('the list of passkeys', () => {
  const rename = async (id: string, name: string, token = mine.access_token) =>
    await running.app.inject({
      method: 'PATCH',
      url: `/auth/passkeys/${id}`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload: { name },
    });

  it('lets its player name and remove one, and nobody else', async () => {
    const key = await add();
    const [{ passkey }] = await list();
    const bert: TokenAnswer = (await running.post('/auth/register', { ...anna, name: 'bert' })).json();
    expect(outcome(await rename(passkey, 'stolen', bert.access_token))).toEqual([404, 'passkey_unknown']);
    const remove = `/auth/passkeys/${passkey}/remove`;
    expect(outcome(await post(remove, proof, bert.access_token))).toEqual([404, 'passkey_unknown']);
    expect((await rename(passkey, 'blue key')).statusCode).toBe(204);
    expect(outcome(await rename(passkey, 'no\nline'))).toEqual([400, 'body_invalid']);
    expect(await list()).toMatchObject([{ name: 'blue key' }]);
    expect(outcome(await post(remove, {}))).toEqual([400, 'body_invalid']);
    expect((await post(remove, proof)).statusCode).toBe(204);
    expect(await list()).toEqual([]);
    expect(outcome(await signIn(key))).toEqual(refused);
  });
});

describe('what happens to passkeys', () => {
  it('when the password changes: they stay', async () => {
    const key = await add();
    await post('/auth/password', { ...proof, new_password: 'battery staple' });
    expect((await signIn(key)).statusCode).toBe(200);
  });

  it('when the account is recovered: they go, and it is said how many', async () => {
    const key = await add();
    const [recovery_code] = mine.recovery_codes;
    const body = { name: 'anna', recovery_code, new_password: 'battery staple' };
    const recovered = await running.post('/auth/recover', body);
    expect(recovered.json()).toMatchObject({ passkeys_removed: 1 });
    expect(outcome(await signIn(key))).toEqual(refused);
  });

  it('F5 in the export: what their owner sees of them, and no key', async () => {
    const { credential } = await add();
    const answer = await running.get('/auth/export', mine.access_token);
    expect(answer.json()).toMatchObject({
      passkeys: [{ name: 'my key', domain: 'localhost' }],
      history: [{ action: 'passkey.add' }],
    });
    expect(answer.body).not.toContain(credential);
    expect(answer.body).not.toContain('public_key');
  });
});
