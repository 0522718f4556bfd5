import type { lookup } from 'node:dns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchJson } from '../../../../src/auth/issuers/fetch-json.ts';
import { LinkCertificates } from '../../../support/link-certificates.ts';
import { TinyIssuer } from '../../../support/tiny-issuer.ts';

const certificates = new LinkCertificates();
let issuer: TinyIssuer;
let port: string;

beforeAll(async () => {
  issuer = await TinyIssuer.start(certificates);
  port = new URL(issuer.url).port;
});
afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
  certificates.remove();
});

/** A name service that gives these addresses, one list a look-up, and the last one for ever. */
function names(...answers: string[][]): typeof lookup {
  let count = 0;
  return ((_name: string, _options: object, callback: (error: null, addresses: object[]) => void) => {
    const addresses = answers[Math.min(count, answers.length - 1)] ?? [];
    count += 1;
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
}

const allowed = () => ({ ca: issuer.ca, unsafeAllowPrivateAddresses: true });
const strict = () => ({ ca: issuer.ca, unsafeAllowPrivateAddresses: false });

describe('fetching keys', () => {
  it('gets a document over TLS from whom the CA vouches for', async () => {
    expect(await fetchJson(`${issuer.url}/keys`, allowed())).toEqual(issuer.jwks);
    const { ca: _, ...unknown } = allowed();
    await expect(fetchJson(`${issuer.url}/keys`, unknown)).rejects.toThrow(/certificate/);
  });

  it('does not connect to addresses that are not public, however they are written', async () => {
    const before = issuer.asked.length;
    for (const host of [
      '127.0.0.1',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      'localhost',
    ]) {
      await expect(fetchJson(`https://${host}:${port}/keys`, strict())).rejects.toThrow(/not public/);
    }
    expect(issuer.asked.length).toBe(before);
  });

  it('is not led inside by a name, wholly or in part', async () => {
    const before = issuer.asked.length;
    for (const answers of [
      [['127.0.0.1']],
      [['93.184.216.34', '127.0.0.1']],
      [['::1']],
      [['169.254.169.254']],
    ]) {
      const options = { ...strict(), resolve: names(...answers) };
      await expect(fetchJson(`https://keys.example:${port}/keys`, options)).rejects.toThrow(/not public/);
    }
    expect(issuer.asked.length).toBe(before);
  });

  it('looks a name up once, and connects to what it was told then', async () => {
    let asked = 0;
    const changing = names(['127.0.0.1'], ['192.0.2.1']);
    const resolve = ((...args: Parameters<typeof lookup>) => {
      asked += 1;
      changing(...args);
    }) as unknown as typeof lookup;
    expect(await fetchJson(`${issuer.url}/keys`, { ...allowed(), resolve })).toEqual(issuer.jwks);
    expect(asked).toBe(1);
  });

  it('takes no other scheme, no user, no redirect, no other status, nothing compressed, nothing endless', async () => {
    for (const url of [
      'http://localhost/keys',
      'file:///etc/passwd',
      `https://u:p@localhost:${port}/`,
      'nonsense',
    ]) {
      await expect(fetchJson(url, allowed())).rejects.toThrow(/https URL/);
    }
    for (const [answer, why] of [
      [{ status: 302, headers: { location: `${issuer.url}/keys` } }, /status 302/],
      [{ status: 404 }, /status 404/],
      [{ headers: { 'content-encoding': 'gzip' } }, /compressed/],
      [{ body: `"${'x'.repeat(300_000)}"` }, /longer than/],
      [{ body: '{"keys":[],"keys":[]}' }, /occurs twice/],
      [{ body: 'no JSON' }, /not JSON/],
    ] as const) {
      issuer.answer = () => answer;
      await expect(fetchJson(`${issuer.url}/keys`, allowed())).rejects.toThrow(why);
    }
    issuer.answer = undefined;
  });
});
