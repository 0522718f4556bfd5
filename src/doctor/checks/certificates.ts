import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, type Finding, fault, note, ok, type Patient, warning } from '../check.ts';
import { dayOf, readPair, renewal } from './read-pair.ts';

/** The certificates of the player port. */
export const certificatesCheck: Check = {
  name: 'certificates',
  run: async (patient) => {
    const { tls, auth } = patient.settings;
    const listed = await Promise.all(
      tls.certificates.map(({ cert, key }) => judge({ certificate: cert, key }, patient)),
    );
    const findings = [...listed.flatMap((each) => each.findings), ...(await ordered(patient))];
    const names = [...(auth.passkeyDomain === undefined ? [] : [auth.passkeyDomain])];
    const leaves = listed.flatMap(({ leaf }) => (leaf === undefined ? [] : [leaf]));
    for (const name of names) {
      if (leaves.length === 0 || leaves.some((leaf) => isFor(leaf, name))) continue;
      findings.push(
        warning(
          `No certificate is for ${name}, nor for a name under it, which auth.passkeyDomain says players use.`,
          'Add that name to a certificate, or correct the setting.',
        ),
      );
    }
    return findings;
  },
};

interface Judged {
  readonly leaf: X509Certificate | undefined;
  readonly findings: readonly Finding[];
}

async function judge(
  paths: { readonly certificate: string; readonly key: string },
  { now, production }: Patient,
): Promise<Judged> {
  const pair = await readPair(paths, { now: now(), production });
  const [leaf, ...rest] = pair.chain;
  if (leaf === undefined) return { leaf, findings: pair.findings };
  const { certificate: path } = paths;
  const findings = [...pair.findings, ...nameFindings(leaf, path), ...chainFindings([leaf, ...rest], path)];
  if (findings.length > 0) return { leaf, findings };
  const kind = pair.isDevelopment ? 'a development certificate' : 'a certificate';
  const says = `${path} is ${kind} for ${namesOf(leaf).join(', ')}, until ${dayOf(leaf.validToDate)}.`;
  return { leaf, findings: [ok(says)] };
}

/** Clients look for names in subjectAltName alone (RFC 9525 section 6.3). */
function nameFindings(leaf: X509Certificate, path: string): Finding[] {
  if (leaf.ca)
    return [fault(`${path} is the certificate of an authority, which serves nobody.`, renewal(false))];
  if (namesOf(leaf).length > 0) return [];
  return [
    fault(`${path} is for no name: it has none in subjectAltName, and clients refuse it.`, renewal(false)),
  ];
}

/** Each certificate is signed by the next one (RFC 8446 section 4.4.2); some clients cope with another order, many do not. */
function chainFindings(chain: readonly X509Certificate[], path: string): Finding[] {
  const broken = chain.findIndex((each, index) => {
    const next = chain[index + 1];
    return next !== undefined && !(each.checkIssued(next) && each.verify(next.publicKey));
  });
  if (broken >= 0) {
    return [
      fault(
        `In ${path}, certificate ${broken + 2} did not sign the one before it.`,
        'Put the server’s own first, then the one that signed it, and so on.',
      ),
    ];
  }
  const [leaf] = chain;
  if (chain.length > 1 || leaf === undefined || leaf.checkIssued(leaf)) return [];
  return [
    warning(
      `${path} holds no intermediate certificate, without which many clients cannot find the way to its authority.`,
      'Append the intermediate of the authority (its “full chain” file), unless a root signed this one itself.',
    ),
  ];
}

/** The certificate that Castling orders by itself; it may be under way. */
async function ordered({ settings: { tls }, now }: Patient): Promise<Finding[]> {
  const { names, folder } = tls.acme;
  if (names.length === 0) return [];
  const path = join(folder, 'pair.pem');
  if (!existsSync(path))
    return [note(`The certificate for ${names.join(', ')} is ordered at the first start.`)];
  const pair = await readPair({ certificate: path, key: path }, { now: now(), production: false });
  const [leaf] = pair.chain;
  if (leaf === undefined || pair.findings.some(({ mark }) => mark === 'fault')) return [...pair.findings];
  const missing = names.filter((name) => leaf.checkHost(name) === undefined);
  if (missing.length > 0) {
    return [
      warning(
        `The certificate in ${path} is not for ${missing.join(', ')}: none has been issued yet.`,
        'While Castling runs it orders one; if that does not succeed its log says why. Port 80 of each name must lead to tls.plainHttpPort.',
      ),
    ];
  }
  if (pair.findings.length > 0) {
    return pair.findings.map(({ says }) =>
      warning(says, 'Castling renews it while it runs; its log says why that has not succeeded.'),
    );
  }
  return [ok(`${path} is for ${names.join(', ')}, until ${dayOf(leaf.validToDate)}.`)];
}

function namesOf(leaf: X509Certificate): string[] {
  return (leaf.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:') || entry.startsWith('IP Address:'))
    .map((entry) => entry.slice(entry.indexOf(':') + 1));
}

/** For a domain, or anything under it. */
function isFor(leaf: X509Certificate, domain: string): boolean {
  return namesOf(leaf).some((name) => name === domain || name.endsWith(`.${domain}`));
}
