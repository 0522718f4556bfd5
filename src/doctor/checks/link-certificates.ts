import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { certificatesIn, type LinkFault, linkFault } from '../../process/certificates/index.ts';
import { linkNames } from '../../protocol/link-messages.ts';
import { tlsPathsIn } from '../../supervisor/start-settings.ts';
import { type Check, type Finding, fault, ok, type Patient } from '../check.ts';
import { lifeFindings, readPair, renewal, unreadable } from './read-pair.ts';

const ends = [
  { role: 'link-server', name: linkNames.backend, usage: 'serverAuth' },
  { role: 'link-client', name: linkNames.proxy, usage: 'clientAuth' },
] as const;

/** The two certificates of the link, their CA, and what it has revoked. */
export const linkCertificatesCheck: Check = {
  name: 'link certificates',
  run: async (patient) => {
    const { certs, backend } = patient.settings;
    const now = patient.now();
    const path = join(certs, 'ca.pem');
    const authorities = await readAuthorities(path, patient.production);
    if ('mark' in authorities) return [authorities];
    const findings: Finding[] = authorities.flatMap((authority) =>
      lifeFindings(authority, {
        path,
        now,
        remedy: 'Run: castling certs, or ask whoever made the CA of your own.',
      }),
    );
    for (const end of ends) findings.push(...(await judge(end, { authorities, patient })));
    if (backend.revocations !== undefined)
      findings.push(...(await revocations(backend.revocations, authorities)));
    return findings.length > 0
      ? findings
      : [ok(`Both ends of the link, and their CA in ${certs}, are in order.`)];
  },
};

async function readAuthorities(
  path: string,
  production: boolean,
): Promise<readonly X509Certificate[] | Finding> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    return unreadable(error, { path, production });
  }
  try {
    const found = certificatesIn(pem);
    if (found.length > 0) return found;
  } catch {
    // As unusable as none.
  }
  return fault(
    `${path} is not a certificate in PEM form.`,
    'Put the CA of the link there, or run: castling certs',
  );
}

async function judge(
  { role, name, usage }: (typeof ends)[number],
  about: { readonly authorities: readonly X509Certificate[]; readonly patient: Patient },
): Promise<readonly Finding[]> {
  const { authorities, patient } = about;
  const paths = tlsPathsIn(patient.settings.certs, role);
  const pair = await readPair(paths, { now: patient.now(), production: patient.production });
  const [leaf] = pair.chain;
  if (leaf === undefined) return pair.findings;
  const wrong = linkFault(leaf, authorities, { name, usage });
  if (wrong === undefined) return pair.findings;
  return [
    ...pair.findings,
    fault(`${paths.certificate} ${sentences[wrong](name)}.`, renewal(pair.isDevelopment)),
  ];
}

const sentences: Record<LinkFault, (name: string) => string> = {
  is_ca: () => 'is the certificate of a CA, and the link wants one of an end',
  not_signed_directly: () => 'was not signed by ca.pem itself',
  other_name: (name) => `has not the DNS name ${name}`,
  other_usage: () => 'is for another use (extended key usage)',
};

/** Node can say whether TLS takes the list, not until when it counts. */
async function revocations(path: string, authorities: readonly X509Certificate[]): Promise<Finding[]> {
  try {
    const crl = await readFile(path, 'utf8');
    createSecureContext({ crl, ca: authorities.map(String) });
    return [];
  } catch {
    const remedy =
      'Have the CA of the link write a new list (CRL) in PEM form, or leave backend.revocations out.';
    return [
      fault(`The revocation list ${path} cannot be used, and the backend does not start with it.`, remedy),
    ];
  }
}
