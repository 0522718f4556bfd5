import { generateKeyPairSync } from 'node:crypto';
import type { JWK } from 'jose';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { IssuerKeys } from '../../../../src/auth/issuers/issuer-keys.ts';
import { type OutsideIssuer, outsideIssuerDefaults } from '../../../../src/auth/issuers/outside-issuer.ts';
import type { Json } from '../../../../src/protocol/json.ts';
import { codeOf, SteppedClock } from '../../../support/auth-fixture.ts';

const issuer: OutsideIssuer = {
  ...outsideIssuerDefaults,
  issuer: 'https://login.example',
  audience: 'club',
  jwks: 'https://login.example/keys',
};
const logger = { info() {}, warn() {} } as never;
let clock: SteppedClock;
let set: { keys: JWK[] };
let isAway: boolean;
const fetchJson = vi.fn(async (_url: string): Promise<Json> => {
  if (isAway) throw new Error('away');
  return JSON.parse(JSON.stringify(set));
});

function key(kid: string, change: Partial<JWK> = {}): JWK {
  return { ...(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as JWK), kid, ...change };
}

const keysOf = (change: Partial<OutsideIssuer> = {}): IssuerKeys =>
  new IssuerKeys({ issuer: { ...issuer, ...change }, fetchJson, clock: clock.read, logger });

beforeEach(() => {
  clock = new SteppedClock();
  isAway = false;
  set = { keys: [key('one')] };
  fetchJson.mockClear();
});

describe('the keys of an outside issuer', () => {
  it('are asked for once, however many tokens wait for them', async () => {
    const keys = keysOf();
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.find('one', 'EdDSA')));
    expect(found.every((one) => one?.kid === 'one')).toBe(true);
    expect(fetchJson).toHaveBeenCalledTimes(1);
  });

  it('C12 whose names are not known cause one asking in 30 s, whatever strangers send', async () => {
    const keys = keysOf();
    await keys.find('one', 'EdDSA');
    for (let count = 0; count < 500; count += 1)
      expect(await keys.find(`no ${count}`, 'EdDSA')).toBeUndefined();
    expect(fetchJson).toHaveBeenCalledTimes(1);
    clock.advance(30);
    await Promise.all(Array.from({ length: 500 }, (_, count) => keys.find(`no ${count}`, 'EdDSA')));
    expect(fetchJson).toHaveBeenCalledTimes(2);
  });

  it('C12 that are new are found, and those that were taken away stop counting within minutes', async () => {
    const keys = keysOf();
    await keys.find('one', 'EdDSA');
    set = { keys: [key('two')] };
    clock.advance(31);
    expect((await keys.find('two', 'EdDSA'))?.kid).toBe('two');
    expect(await keys.find('one', 'EdDSA')).toBeUndefined();
    set = { keys: [key('three')] };
    clock.advance(601);
    // This one still counts, and the look that it causes is the last that it sees.
    expect((await keys.find('two', 'EdDSA'))?.kid).toBe('two');
    await vi.waitFor(async () => expect(await keys.find('two', 'EdDSA')).toBeUndefined());
  });

  it('count for an hour while the issuer is away, and then nobody is let in by them', async () => {
    const keys = keysOf();
    await keys.find('one', 'EdDSA');
    isAway = true;
    clock.advance(3_599);
    expect((await keys.find('one', 'EdDSA'))?.kid).toBe('one');
    clock.advance(10);
    expect(await codeOf(keys.find('one', 'EdDSA'))).toBe('issuer_unavailable');
    isAway = false;
    clock.advance(5);
    expect((await keys.find('one', 'EdDSA'))?.kid).toBe('one');
  });

  it('are asked for at most every 5 s while that fails', async () => {
    const keys = keysOf();
    isAway = true;
    for (let count = 0; count < 100; count += 1) {
      expect(await codeOf(keys.find('one', 'EdDSA'))).toBe('issuer_unavailable');
    }
    expect(fetchJson).toHaveBeenCalledTimes(1);
    clock.advance(5);
    await codeOf(keys.find('one', 'EdDSA'));
    expect(fetchJson).toHaveBeenCalledTimes(2);
  });

  it('are taken for the listed algorithms, and from sound sets only', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
      format: 'jwk',
    }) as JWK;
    const large = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      format: 'jwk',
    }) as JWK;
    set = {
      keys: [
        key('one'),
        key('twice'),
        key('twice'),
        key('encrypts', { use: 'enc' }),
        key('', {}),
        { kty: 'oct', k: 'AAAA', kid: 'shared' },
        { ...small, kid: 'small' },
        { ...large, kid: 'large' },
        { ...large, kid: 'odd', e: 'Aw' },
      ],
    };
    const keys = keysOf();
    for (const [kid, alg, is] of [
      ['one', 'EdDSA', true],
      ['large', 'RS256', true],
      ['large', 'PS256', false],
      ['twice', 'EdDSA', false],
      ['encrypts', 'EdDSA', false],
      ['shared', 'EdDSA', false],
      ['small', 'RS256', false],
      ['odd', 'RS256', false],
    ] as const) {
      expect([kid, alg, (await keys.find(kid, alg)) !== undefined]).toEqual([kid, alg, is]);
    }
    for (const bad of [
      [],
      {},
      { keys: 7 },
      { keys: [] },
      { keys: Array.from({ length: 65 }, () => key('x')) },
    ]) {
      set = bad as never;
      expect(await codeOf(keysOf().find('one', 'EdDSA'))).toBe('issuer_unavailable');
    }
  });

  it('are found by discovery, from a document about this very issuer', async () => {
    const { jwks: _, ...byDiscovery } = issuer;
    const documents: Record<string, unknown> = {
      'https://login.example/.well-known/openid-configuration': {
        issuer: 'https://login.example',
        jwks_uri: 'https://keys.example/',
      },
    };
    const discover = vi.fn(async (url: string) => (documents[url] ?? set) as Json);
    const make = () =>
      new IssuerKeys({ issuer: byDiscovery, fetchJson: discover, clock: clock.read, logger });
    expect((await make().find('one', 'EdDSA'))?.kid).toBe('one');
    expect(discover).toHaveBeenLastCalledWith('https://keys.example/');
    for (const wrong of [
      { issuer: 'https://login.example/', jwks_uri: 'https://keys.example/' },
      { issuer: 'https://login.example' },
      [],
    ]) {
      documents['https://login.example/.well-known/openid-configuration'] = wrong;
      expect(await codeOf(make().find('one', 'EdDSA'))).toBe('issuer_unavailable');
    }
  });
});
