import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { OperatorError } from '../../process/operator-error.ts';
import type { Settings } from '../../settings/index.ts';
import type { OutsideIssuer } from './outside-issuer.ts';

/** The issuers as the settings list them, with what their files hold. @throws OperatorError for a CA that cannot be read, or is none */
export async function issuersFrom(issuers: Settings['auth']['issuers']): Promise<readonly OutsideIssuer[]> {
  return await Promise.all(
    issuers.map(async ({ ca, longestTokenLifetime, ...issuer }) => ({
      ...issuer,
      longestLifeSeconds: longestTokenLifetime / 1_000,
      ...(ca !== undefined && { ca: await readCa(ca) }),
    })),
  );
}

async function readCa(path: string): Promise<string> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (cause) {
    throw explainSystemError(cause, { doing: 'read', path, flag: 'auth.issuers' }) ?? cause;
  }
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new OperatorError(
      'settings_invalid',
      `${path}, a ca in auth.issuers, is not a certificate in PEM form.`,
      {
        cause,
      },
    );
  }
  return pem;
}
