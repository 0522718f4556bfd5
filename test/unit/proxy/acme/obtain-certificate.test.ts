import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AcmeFiles } from '../../../../src/proxy/acme/acme-files.ts';
import { type AcmeSettings, obtainCertificate } from '../../../../src/proxy/acme/obtain-certificate.ts';
import { FakeAuthority } from '../../../support/fake-authority.ts';

const names = ['play.example.org', 'chess.example.org'];
let folder: string;
let files: AcmeFiles;
let authority: FakeAuthority;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-acme-'));
  files = new AcmeFiles(folder);
  authority = new FakeAuthority();
  authority.fetchProof = async (name, token) =>
    names.includes(name) ? await files.challenges.answer(token) : undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

function obtain(wishes: Partial<AcmeSettings> = {}) {
  const settings = { directory: authority.directory, names, termsAgreed: true, ...wishes };
  return obtainCertificate({ settings, files, transport: authority.transport, wait: async () => {} });
}

describe('A15 obtainCertificate', () => {
  it('proves each name, and gets a certificate of a key of its own; the account’s key stays, and is private', async () => {
    const first = await obtain({ email: 'ops@example.org' });
    const leaf = new X509Certificate(first.certificate);
    expect(leaf.subjectAltName).toBe('DNS:play.example.org, DNS:chess.example.org');
    expect(leaf.checkPrivateKey(createPrivateKey(first.key))).toBe(true);
    expect(statSync(join(folder, 'account-key.pem')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'challenges'))).toEqual([]);

    const key = readFileSync(join(folder, 'account-key.pem'), 'utf8');
    const second = await obtain();
    expect(second.key).not.toBe(first.key);
    expect(second.key).not.toBe(key);
    expect(readFileSync(join(folder, 'account-key.pem'), 'utf8')).toBe(key);
    expect(authority.accounts.size).toBe(1);
  });

  it('tries again with another nonce when one is refused, and not for ever', async () => {
    authority.faults.badNonces = 3;
    await obtain();
    authority.faults.badNonces = 1_000;
    const before = authority.heard.length;
    await expect(obtain()).rejects.toMatchObject({ code: 'account_refused' });
    expect(authority.heard.length - before).toBeLessThan(10);
  });

  it.each<[string, () => void, object]>([
    [
      'the terms are not agreed to',
      () => {},
      { code: 'terms_not_agreed', detail: 'https://authority.test/terms' },
    ],
    [
      'the proof cannot be fetched',
      () => {
        authority.fetchProof = async () => undefined;
      },
      { code: 'challenge_failed', detail: 'the proof was not there\\u001b[2J' },
    ],
    [
      'no challenge over HTTP is offered',
      () => Object.assign(authority.faults, { offers: 'dns-01' }),
      { code: 'challenge_missing' },
    ],
    [
      'the order is refused',
      () => Object.assign(authority.faults, { newOrder: { status: 403, type: 'rejectedIdentifier' } }),
      { code: 'order_refused', detail: 'refused: rejectedIdentifier' },
    ],
    [
      'it asks to wait',
      () =>
        Object.assign(authority.faults, {
          newOrder: { status: 429, type: 'rateLimited', headers: { 'retry-after': '7200' } },
        }),
      { code: 'rate_limited', retryAfterMs: 7_200_000 },
    ],
    [
      'it asks to wait for ever, and a day is enough',
      () =>
        Object.assign(authority.faults, {
          newOrder: { status: 503, type: 'serverInternal', headers: { 'retry-after': '999999999' } },
        }),
      { code: 'unreachable', retryAfterMs: 86_400_000 },
    ],
    [
      'the certificate is for another name',
      () => Object.assign(authority.faults, { signsFor: '*.example.org' }),
      { code: 'certificate_invalid', detail: 'it lacks play.example.org' },
    ],
  ])('says so when %s', async (what, spoil, error) => {
    spoil();
    await expect(obtain({ termsAgreed: what !== 'the terms are not agreed to' })).rejects.toMatchObject(
      error,
    );
    expect(await files.leaf()).toBeUndefined();
  });

  it.each([
    '',
    '../../etc/passwd',
    'short',
    'a/b/c/d/e/f/g/h/i/j',
    'x'.repeat(201),
    '..............................',
  ])('a token like %j never names a file', async (token) => {
    await expect(files.challenges.publish(token, 'answer')).rejects.toMatchObject({ code: 'answer_invalid' });
    expect(await files.challenges.answer(token)).toBeUndefined();
  });
});
