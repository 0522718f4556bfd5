import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDevelopmentCertificates } from '../../../../src/process/certificates/check-certificates.ts';
import {
  type CertificatesRequest,
  ensureDevelopmentCertificates,
} from '../../../../src/process/certificates/ensure-certificates.ts';
import { isDevelopmentCertificate } from '../../../../src/process/certificates/is-development-certificate.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castling-certs-'));
});
afterEach(() => rm(folder, { recursive: true }));

const ensure = (request: Partial<CertificatesRequest> = {}) =>
  ensureDevelopmentCertificates({ folder, host: 'box', now: () => NOW, ...request });
const check = (now = NOW) => checkDevelopmentCertificates({ folder, host: 'box', now: () => now });
const read = (file: string) => readFile(join(folder, file), 'utf8');
const actions = (outcomes: { role: string; action: string }[]) =>
  Object.fromEntries(outcomes.map(({ role, action }) => [role, action]));

/** A certificate of somebody else, as a public CA would have issued it. */
async function putForeign(role: string): Promise<{ cert: string; private: string }> {
  const foreign = await generate([{ name: 'commonName', value: 'game.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(NOW - DAY_MS),
  });
  await writeFile(join(folder, `${role}.pem`), foreign.cert);
  await writeFile(join(folder, `${role}-key.pem`), foreign.private, { mode: 0o600 });
  return foreign;
}

describe('ensureDevelopmentCertificates', () => {
  it('makes all, then keeps all', async () => {
    const created = { ca: 'created', proxy: 'created', 'link-server': 'created', 'link-client': 'created' };
    expect(actions(await ensure())).toEqual(created);
    expect(await check()).toEqual([]);
    const before = await Promise.all(['ca.pem', 'proxy.pem', 'link-client-key.pem'].map(read));
    expect(new Set((await ensure()).map(({ action }) => action))).toEqual(new Set(['kept']));
    expect(await Promise.all(['ca.pem', 'proxy.pem', 'link-client-key.pem'].map(read))).toEqual(before);
  });

  it('makes them anew a week before they end, the CA too', async () => {
    await ensure();
    const caBefore = await read('ca.pem');
    const outcomes = await ensure({ now: () => NOW + 84 * DAY_MS });
    expect(new Set(outcomes.map(({ action }) => action))).toEqual(new Set(['renewed']));
    expect(await read('ca.pem')).not.toBe(caBefore);
    expect(await check(NOW + 84 * DAY_MS)).toEqual([]);
  });

  it('mends a truncated certificate, a lost key and a key of another one, each alone', async () => {
    await ensure();
    const key = await read('link-client-key.pem');
    await writeFile(join(folder, 'proxy.pem'), (await read('proxy.pem')).slice(0, 200));
    await rm(join(folder, 'link-server-key.pem'));
    expect(actions(await ensure())).toEqual({
      ca: 'kept',
      proxy: 'renewed',
      'link-server': 'renewed',
      'link-client': 'kept',
    });
    await writeFile(join(folder, 'proxy-key.pem'), key);
    expect(await check()).toMatchObject([
      { role: 'proxy', fault: 'proxy-key.pem belonged to another certificate' },
    ]);
    expect(actions(await ensure())).toMatchObject({ proxy: 'renewed', 'link-client': 'kept' });
    expect(await check()).toEqual([]);
  });

  it('adds a name when asked to, and keeps it through a renewal', async () => {
    await ensure();
    expect(actions(await ensure({ names: ['game.lan'] }))).toMatchObject({ ca: 'kept', proxy: 'renewed' });
    await ensure({ force: true });
    expect(new X509Certificate(await read('proxy.pem')).checkHost('game.lan')).toBe('game.lan');
  });

  it('lets no leaf outlive its CA', async () => {
    await ensure();
    const [ca] = await ensure();
    await rm(join(folder, 'proxy.pem'));
    await rm(join(folder, 'proxy-key.pem'));
    const outcomes = await ensure({ now: () => NOW + 50 * DAY_MS });
    expect(outcomes.find(({ role }) => role === 'proxy')).toMatchObject({
      action: 'created',
      expiresAt: ca!.expiresAt,
    });
  });

  it('leaves a certificate of somebody else alone, whatever it is asked', async () => {
    await ensure();
    const foreign = await putForeign('proxy');
    expect(actions(await ensure())).toMatchObject({ ca: 'kept', proxy: 'foreign' });
    expect(actions(await ensure({ force: true }))).toMatchObject({ ca: 'renewed', proxy: 'foreign' });
    expect(await read('proxy.pem')).toBe(foreign.cert);
    expect(await read('proxy-key.pem')).toBe(foreign.private);
    expect(await check()).toEqual([]);
  });

  it('issues nothing under a CA that it did not make, and says what to do', async () => {
    const foreign = await putForeign('ca');
    await expect(ensure()).rejects.toMatchObject({
      code: 'certificate_invalid',
      message: expect.stringContaining('proxy.pem'),
    });
    expect(await read('ca.pem')).toBe(foreign.cert);
  });

  it('tightens a folder and a key that others could read', async () => {
    await ensure();
    await chmod(folder, 0o755);
    await chmod(join(folder, 'ca-key.pem'), 0o644);
    expect(await check()).toMatchObject([{ role: 'ca', fault: 'other accounts can read ca-key.pem' }]);
    await ensure();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'ca-key.pem'))).mode & 0o777).toBe(0o600);
  });
});

describe('isDevelopmentCertificate', () => {
  it('knows the CA, each leaf, and a chain that ends in one', async () => {
    await ensure();
    const foreign = await putForeign('other');
    for (const file of ['ca.pem', 'proxy.pem', 'link-server.pem', 'link-client.pem']) {
      expect(isDevelopmentCertificate(await read(file))).toBe(true);
      expect(isDevelopmentCertificate(foreign.cert + (await read(file)))).toBe(true);
    }
    expect(isDevelopmentCertificate(foreign.cert)).toBe(false);
  });

  it('is not fooled by text that is no certificate, nor by a name that only resembles', async () => {
    expect(isDevelopmentCertificate('CN=Castling development CA 01234567')).toBe(false);
    expect(isDevelopmentCertificate('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBe(
      false,
    );
    const similar = await generate([{ name: 'commonName', value: 'My Castling development CA' }], {
      keyType: 'ec',
    });
    expect(isDevelopmentCertificate(similar.cert)).toBe(false);
  });
});
