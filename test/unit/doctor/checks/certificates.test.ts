import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Check } from '../../../../src/doctor/check.ts';
import { certificatesCheck } from '../../../../src/doctor/checks/certificates.ts';
import { linkCertificatesCheck } from '../../../../src/doctor/checks/link-certificates.ts';
import { ensureDevelopmentCertificates } from '../../../../src/process/certificates/index.ts';
import { type DoctorPatient, makePatient, said } from '../../../support/doctor-patient.ts';

const day = 86_400_000;
let patient: DoctorPatient;
let certs: string;
beforeEach(async () => {
  patient = await makePatient();
  certs = patient.settings.certs;
});
afterEach(() => patient[Symbol.dispose]());

const make = (now = Date.now()) => ensureDevelopmentCertificates({ folder: certs, now: () => now });
const look = async (check: Check, changes: Partial<DoctorPatient> = {}) =>
  said(await check.run({ ...patient, ...changes }));
const at = (file: string) => join(certs, file);

describe('the doctor’s look at the certificates of players', () => {
  it('finds one in order, and says for whom and until when', async () => {
    await make();
    expect(await look(certificatesCheck)).toEqual([
      expect.stringMatching(/^ok: .*proxy\.pem is a development certificate for localhost, .*, until \d{4}-/),
    ]);
  });

  it('calls a missing one wrong in production only, where nobody makes it', async () => {
    expect(await look(certificatesCheck)).toEqual([expect.stringMatching(/^note: .*is not there yet/)]);
    expect(await look(certificatesCheck, { production: true })).toEqual([
      expect.stringMatching(/^fault: .*does not exist/),
    ]);
  });

  it('refuses one for development in production, as the start does', async () => {
    await make();
    expect((await look(certificatesCheck, { production: true })).join()).toContain(
      'is a development certificate, and NODE_ENV is production',
    );
  });

  it.each([
    [61, /^warning: .*a third of its life is left/],
    [91, /^fault: .*has expired on/],
    [-1, /^fault: .*is valid only from/],
  ])('after %i days says how its life stands', async (days, text) => {
    await make();
    const [first] = await look(certificatesCheck, { now: () => Date.now() + days * day });
    expect(first).toMatch(text);
  });

  it('finds a key that is another’s, one that others may read, and what is no key', async () => {
    await make();
    copyFileSync(at('link-server-key.pem'), at('proxy-key.pem'));
    expect((await look(certificatesCheck))[0]).toMatch(/proxy-key\.pem is not the key of .*proxy\.pem/);
    chmodSync(at('proxy-key.pem'), 0o640);
    expect((await look(certificatesCheck))[1]).toContain('Other accounts may read the private key');
    writeFileSync(at('proxy-key.pem'), 'nothing');
    expect((await look(certificatesCheck))[0]).toContain('is not a private key in PEM form');
  });

  it('finds a chain in the wrong order, one that lacks its middle, and what is no certificate', async () => {
    await make();
    const leaf = readFileSync(at('link-server.pem'), 'utf8');
    const chain = readFileSync(at('proxy.pem'), 'utf8');
    const [own = ''] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    writeFileSync(at('proxy.pem'), own + leaf);
    expect((await look(certificatesCheck))[0]).toContain('certificate 2 did not sign the one before it');
    writeFileSync(at('proxy.pem'), own);
    expect((await look(certificatesCheck))[0]).toMatch(/^warning: .*holds no intermediate certificate/);
    writeFileSync(at('proxy.pem'), 'nothing');
    expect((await look(certificatesCheck))[0]).toContain('is not a certificate in PEM form');
  });

  it('finds the certificate of an authority, which serves nobody', async () => {
    await make();
    copyFileSync(at('ca.pem'), at('proxy.pem'));
    copyFileSync(at('ca-key.pem'), at('proxy-key.pem'));
    expect((await look(certificatesCheck))[0]).toContain('is the certificate of an authority');
  });

  it('misses the name that passkeys are for', async () => {
    await make();
    const { settings } = patient;
    const withDomain = (passkeyDomain: string) => ({
      settings: { ...settings, auth: { ...settings.auth, passkeyDomain } },
    });
    expect(await look(certificatesCheck, withDomain('localhost'))).toHaveLength(1);
    expect((await look(certificatesCheck, withDomain('example.org')))[1]).toMatch(
      /^warning: No certificate is for example\.org/,
    );
  });

  it('knows what stands of an ordered certificate', async () => {
    const { settings } = patient;
    const tls = {
      ...settings.tls,
      certificates: [],
      acme: { ...settings.tls.acme, names: ['localhost'], folder: certs },
    };
    const changes = { settings: { ...settings, tls } };
    expect(await look(certificatesCheck, changes)).toEqual([
      expect.stringMatching(/^note: .*ordered at the first start/),
    ]);
    await make();
    writeFileSync(
      at('pair.pem'),
      readFileSync(at('proxy.pem'), 'utf8') + readFileSync(at('proxy-key.pem'), 'utf8'),
      {
        mode: 0o600,
      },
    );
    expect(await look(certificatesCheck, changes)).toEqual([
      expect.stringMatching(/^ok: .*pair\.pem is for localhost/),
    ]);
    const other = { ...tls, acme: { ...tls.acme, names: ['play.example.org'] } };
    expect((await look(certificatesCheck, { settings: { ...settings, tls: other } }))[0]).toContain(
      'is not for play.example.org: none has been issued yet',
    );
  });
});

describe('the doctor’s look at the certificates of the link', () => {
  it('finds all in order', async () => {
    await make();
    expect(await look(linkCertificatesCheck)).toEqual([expect.stringMatching(/^ok: Both ends of the link/)]);
  });

  it.each([
    ['link-server', 'link-client', /link-server\.pem has not the DNS name backend/],
    ['link-client', 'proxy', /link-client\.pem has not the DNS name proxy\.castling/],
    ['link-client', 'ca', /link-client\.pem is the certificate of a CA/],
  ])('finds %s to be that of %s', async (role, by, text) => {
    await make();
    copyFileSync(at(`${by}.pem`), at(`${role}.pem`));
    copyFileSync(at(`${by}-key.pem`), at(`${role}-key.pem`));
    expect((await look(linkCertificatesCheck)).join('\n')).toMatch(text);
  });

  it('finds a CA that signed none of them, has expired, or is none', async () => {
    await make();
    using other = await makePatient();
    await ensureDevelopmentCertificates({ folder: other.settings.certs });
    copyFileSync(join(other.settings.certs, 'ca.pem'), at('ca.pem'));
    expect(
      (await look(linkCertificatesCheck)).filter((each) => each.includes('was not signed by ca.pem')),
    ).toHaveLength(2);
    expect((await look(linkCertificatesCheck, { now: () => Date.now() + 91 * day }))[0]).toMatch(
      /ca\.pem has expired/,
    );
    writeFileSync(at('ca.pem'), 'nothing');
    expect(await look(linkCertificatesCheck)).toEqual([
      expect.stringContaining('is not a certificate in PEM form'),
    ]);
  });

  it('finds a revocation list that TLS does not take', async () => {
    await make();
    writeFileSync(at('crl.pem'), 'nothing');
    const { settings } = patient;
    const backend = { ...settings.backend, revocations: at('crl.pem') };
    expect(await look(linkCertificatesCheck, { settings: { ...settings, backend } })).toEqual([
      expect.stringMatching(/^fault: The revocation list .* cannot be used/),
    ]);
  });
});
