import { X509Certificate } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { explainSystemError } from '../explain-system-error.ts';
import { ensureFolder } from '../folders.ts';
import { OperatorError } from '../operator-error.ts';
import { PRIVATE_FILE_MODE, writeSecureFile } from '../secure-file.ts';
import {
  type AltName,
  type CertificateRole,
  filesOf,
  LEAF_ROLES,
  type LeafRole,
  requiredNames,
  unique,
} from './certificate-roles.ts';
import type { FoundCertificate } from './inspect-certificate.ts';
import { inspectFolder } from './inspect-folder.ts';
import { type IssuedPair, issueAuthority, issueLeaf } from './issue-certificate.ts';
import { proxyNames } from './proxy-names.ts';
import { planRenewal, type Verdict } from './renewal-plan.ts';

export type CertificatesRequest = {
  folder: string;
  /** Host names and addresses for the proxy's certificate, beside localhost, 127.0.0.1, ::1 and the host's own name. */
  names?: readonly string[];
  /** Renew everything that Castling made, needed or not. */
  force?: boolean;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** This machine's name. */
  host?: string;
};

/** What was done about one certificate. */
export type CertificateOutcome = {
  role: CertificateRole;
  /** Path of the certificate; its key lies beside it. */
  path: string;
  /** `foreign`: issued by somebody else, and therefore left alone. */
  action: 'kept' | 'created' | 'renewed' | 'foreign';
  /** Why it was made; empty when it was not. */
  why: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
};

/**
 * Sees to it that the folder holds a development CA and the certificates of all roles, each with more than a week to
 * live. Makes only what is missing, damaged, ending, or signed by an older CA, and never overwrites a certificate that
 * somebody else issued. Running it twice at once does no lasting harm: a pair that got mixed counts as damaged and is
 * made anew by the next run.
 *
 * @throws OperatorError `folder_unusable` or `disk_full`; `usage` for a name that no certificate can carry;
 * `certificate_invalid` when a certificate is to be made and the CA in the folder is somebody else's.
 */
export async function ensureDevelopmentCertificates(
  request: CertificatesRequest,
): Promise<CertificateOutcome[]> {
  const { folder } = request;
  const names = proxyNames(request.names, request.host);
  await ensureFolder(folder, { flag: '--certs', tighten: true });
  try {
    return await renewWhatNeedsIt({ ...request, names });
  } catch (error) {
    throw explainSystemError(error, { doing: 'write', path: folder, flag: '--certs' }) ?? error;
  }
}

async function renewWhatNeedsIt(
  request: CertificatesRequest & { names: readonly string[] },
): Promise<CertificateOutcome[]> {
  const { folder, names } = request;
  const now = (request.now ?? Date.now)();
  const found = await inspectFolder(folder);
  const plan = planRenewal({ found, proxyNames: names, now, force: request.force ?? false });

  const authority = await settle({ folder, role: 'ca', before: found.ca, verdict: plan.ca }, () =>
    issueAuthority(now),
  );
  const outcomes = [authority.outcome];
  for (const role of LEAF_ROLES) {
    const before = found[role];
    const { outcome } = await settle({ folder, role, before, verdict: plan[role] }, () =>
      issueLeaf({
        role,
        names: unique([...requiredNames(role, names), ...addedNames(role, before)]),
        authority: authority.pair ?? refuseForeignAuthority(folder, role),
        authorityExpiresAt: authority.outcome.expiresAt,
        now,
      }),
    );
    outcomes.push(outcome);
  }
  return outcomes;
}

type Settlement = { folder: string; role: CertificateRole; before: FoundCertificate; verdict: Verdict };

/** Carries out the verdict on one role. There is no pair for a certificate that is somebody else's. */
async function settle(
  { folder, role, before, verdict }: Settlement,
  issue: () => Promise<IssuedPair>,
): Promise<{ pair: IssuedPair | undefined; outcome: CertificateOutcome }> {
  const path = join(folder, filesOf(role).certificate);
  if (before.state === 'foreign') {
    const { expiresAt } = before;
    return { pair: undefined, outcome: { role, path, action: 'foreign', why: '', expiresAt } };
  }
  if (before.state === 'whole' && !verdict.renew) {
    await chmod(join(folder, filesOf(role).key), PRIVATE_FILE_MODE);
    return { pair: before, outcome: { role, path, action: 'kept', why: '', expiresAt: before.expiresAt } };
  }
  const pair = await issue();
  await writePair(folder, role, pair);
  const outcome: CertificateOutcome = {
    role,
    path,
    action: before.state === 'missing' ? 'created' : 'renewed',
    why: verdict.renew ? verdict.why : '',
    expiresAt: new X509Certificate(pair.certificate).validToDate.getTime(),
  };
  return { pair, outcome };
}

/** The key first: a crash in between leaves a pair that does not match, which the next run notices. */
async function writePair(folder: string, role: CertificateRole, pair: IssuedPair): Promise<void> {
  const files = filesOf(role);
  await writeSecureFile(join(folder, files.key), pair.key);
  await writeSecureFile(join(folder, files.certificate), pair.certificate, { mode: 0o644 });
}

/** Names that were added once stay when the proxy's certificate is renewed. */
function addedNames(role: LeafRole, before: FoundCertificate): readonly AltName[] {
  return role === 'proxy' && before.state === 'whole' ? before.names : [];
}

function refuseForeignAuthority(folder: string, role: LeafRole): never {
  const { certificate } = filesOf(role);
  throw new OperatorError(
    'certificate_invalid',
    `${certificate} is to be made, and ${join(folder, 'ca.pem')} is not a CA that Castling made; put ${certificate} there yourself, or choose another folder with --certs.`,
  );
}
