import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDevelopmentCertificates } from '../../../src/process/certificates/index.ts';
import { readTlsFiles, type TlsPaths } from '../../../src/process/tls-files.ts';

const DAY_MS = 86_400_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'castling-tls-'));
  await ensureDevelopmentCertificates({ folder });
});
afterEach(() => rm(folder, { recursive: true }));

const paths = (role = 'proxy', keyRole = role): Required<TlsPaths> => ({
  certificate: join(folder, `${role}.pem`),
  key: join(folder, `${keyRole}-key.pem`),
  ca: join(folder, 'ca.pem'),
});

describe('readTlsFiles', () => {
  it('reads a pair and its CA', async () => {
    const material = await readTlsFiles(paths(), { production: false });
    expect(material.certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(material.key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(material.ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  it.each([
    ['a missing file', 'file_missing', () => rm(paths().key), paths],
    [
      'a key of another certificate',
      'certificate_invalid',
      async () => {},
      () => paths('proxy', 'link-client'),
    ],
    ['a truncated certificate', 'certificate_invalid', () => writeFile(paths().certificate, 'x'), paths],
    ['a truncated key', 'certificate_invalid', () => writeFile(paths().key, 'x'), paths],
    ['a truncated CA', 'certificate_invalid', () => writeFile(paths().ca, 'x'), paths],
  ] as const)('refuses %s and names the file', async (_what, code, spoil, given) => {
    await spoil();
    await expect(readTlsFiles(given(), { production: false })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(folder),
    });
  });

  it('refuses one that is out of its validity', async () => {
    const at = (offset: number) =>
      readTlsFiles(paths(), { production: false, now: () => Date.now() + offset });
    await expect(at(91 * DAY_MS)).rejects.toThrow(/expired/);
    await expect(at(-DAY_MS)).rejects.toThrow(/clock/);
  });

  it('A14 refuses a development certificate in production', async () => {
    await expect(readTlsFiles(paths(), { production: true })).rejects.toMatchObject({
      code: 'development_certificate_refused',
      exitCode: 78,
    });
  });
});
