import {
  type AltName,
  type CertificateRole,
  type LeafRole,
  requiredNames,
  usageOf,
} from './certificate-roles.ts';
import type { FoundCertificate } from './inspect-certificate.ts';

const DAY_MS = 86_400_000;

/** A certificate with no more than this left is renewed, in milliseconds. */
export const RENEW_WITHIN_MS = 7 * DAY_MS;

/** Keep what is there, or make it anew and say why. */
export type Verdict = { renew: false } | { renew: true; why: string };
export type RenewalPlan = Record<CertificateRole, Verdict>;

export type PlanInput = {
  found: Record<CertificateRole, FoundCertificate>;
  /** Host names and addresses that the proxy's certificate must carry beside the fixed ones. */
  proxyNames: readonly string[];
  /** Milliseconds since the epoch. */
  now: number;
  /** Renew everything that Castling made. */
  force?: boolean;
};

/**
 * Decides what is to be made anew, and touches nothing. A new CA means new leaves; a leaf is otherwise judged alone,
 * so that machines which trust this CA stay undisturbed. What somebody else issued is kept, whatever it is like.
 */
export function planRenewal(input: PlanInput): RenewalPlan {
  const ca = reasonToRenewAuthority(input);
  const leaf = (role: LeafRole): Verdict => {
    const { state } = input.found[role];
    const caIsNew = ca !== undefined && state !== 'foreign' && state !== 'missing';
    return verdict(caIsNew ? 'the CA is new' : reasonToRenewLeaf(role, input));
  };
  return {
    ca: verdict(ca),
    proxy: leaf('proxy'),
    'link-server': leaf('link-server'),
    'link-client': leaf('link-client'),
  };
}

function verdict(why: string | undefined): Verdict {
  return why === undefined ? { renew: false } : { renew: true, why };
}

function reasonToRenewAuthority(input: PlanInput): string | undefined {
  const { ca } = input.found;
  if (ca.state === 'foreign') return undefined;
  if (ca.state !== 'whole') return reasonOf(ca);
  if (input.force) return 'asked for';
  if (!ca.x509.ca || !ca.x509.checkIssued(ca.x509) || !ca.x509.verify(ca.x509.publicKey)) {
    return 'it was no self-signed CA';
  }
  return reasonByTime(ca, input.now);
}

function reasonToRenewLeaf(role: LeafRole, input: PlanInput): string | undefined {
  const leaf = input.found[role];
  const { ca } = input.found;
  if (leaf.state === 'foreign') return undefined;
  if (leaf.state !== 'whole') return reasonOf(leaf);
  if (ca.state !== 'whole' || !leaf.x509.checkIssued(ca.x509) || !leaf.x509.verify(ca.x509.publicKey)) {
    return 'signed by another CA';
  }
  if (leaf.x509.ca) return 'it was a CA itself';
  if (!isFor(usageOf(role), leaf.x509.keyUsage)) return 'meant for another use';
  const lacking = requiredNames(role, input.proxyNames).filter((name) => !carries(leaf.names, name));
  if (lacking.length > 0) return `lacked ${lacking.map((name) => name.value).join(', ')}`;
  return reasonByTime(leaf, input.now);
}

function reasonOf(found: { state: 'missing' } | { state: 'damaged'; why: string }): string {
  return found.state === 'missing' ? 'there was none' : found.why;
}

function reasonByTime(found: { startsAt: number; expiresAt: number }, now: number): string | undefined {
  const left = found.expiresAt - now;
  if (left <= 0) return 'expired';
  if (left <= RENEW_WITHIN_MS) return `expires within ${Math.ceil(left / DAY_MS)} d`;
  return found.startsAt > now ? 'not valid yet' : undefined;
}

const USAGE_OIDS = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

/** Node calls the *extended* key usages `keyUsage`, and gives them as object identifiers. Exactly one is allowed. */
function isFor(usage: keyof typeof USAGE_OIDS, found: readonly string[] | undefined): boolean {
  return found?.length === 1 && found[0] === USAGE_OIDS[usage];
}

function carries(names: readonly AltName[], wanted: AltName): boolean {
  return names.some((name) => name.kind === wanted.kind && name.value === wanted.value);
}
