import { randomBytes } from 'node:crypto';
import { generate } from 'selfsigned';
import { type AltName, DEVELOPMENT_CA_NAME, type LeafRole, usageOf } from './certificate-roles.ts';

/** A certificate and its private key, both PEM. */
export type IssuedPair = { certificate: string; key: string };

const DAY_MS = 86_400_000;

/** Longest life of anything issued here. Development certificates may not become somebody's production by neglect. */
const LIFETIME_MS = 90 * DAY_MS;

/** Not-before lies this far back, since the clocks of a container and its host seldom agree. */
const BACKDATED_MS = 5 * 60_000;

/**
 * Makes a new certificate authority: EC P-256, SHA-256, may sign leaves only (`pathlen:0`). Its name carries eight
 * random digits, so that certificates of an older CA are never mistaken for this one's.
 */
export async function issueAuthority(now: number): Promise<IssuedPair> {
  const name = `${DEVELOPMENT_CA_NAME} ${randomBytes(4).toString('hex')}`;
  const issued = await generate([{ name: 'commonName', value: name }], {
    ...ALGORITHMS,
    ...validity(now),
    extensions: [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certificate: issued.cert, key: issued.private };
}

export type LeafRequest = {
  role: LeafRole;
  names: readonly AltName[];
  authority: IssuedPair;
  /** The leaf ends no later than its CA (milliseconds since the epoch). */
  authorityExpiresAt: number;
  now: number;
};

/** Makes a certificate for one role, signed by the CA: not a CA itself, one usage, names in subjectAltName only. Leaf first. */
export async function issueLeaf(request: LeafRequest): Promise<IssuedPair> {
  const { role, names, authority, now } = request;
  const life = validity(now);
  const notAfterDate = new Date(Math.min(life.notAfterDate.getTime(), request.authorityExpiresAt));
  const issued = await generate([{ name: 'commonName', value: `Castling development ${role}` }], {
    ...ALGORITHMS,
    ...life,
    notAfterDate,
    ca: { cert: authority.certificate, key: authority.key },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', [usageOf(role)]: true },
      { name: 'subjectAltName', altNames: names.map(toSelfsigned) },
    ],
  });
  // Players' machines elsewhere do not know the CA: the proxy sends it along, so that a client can show its
  // fingerprint and ask. On the link both sides have the CA, and a chain of one is demanded.
  const chain = role === 'proxy' ? [issued.cert, authority.certificate] : [issued.cert];
  return { certificate: chain.map((pem) => `${pem.trim()}\n`).join(''), key: issued.private };
}

/** The library's own defaults are RSA-2048 and SHA-1. */
const ALGORITHMS = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

function validity(now: number): { notBeforeDate: Date; notAfterDate: Date } {
  const start = now - BACKDATED_MS;
  // Both ends of a validity count (RFC 5280 §4.1.2.5), hence the second less.
  return { notBeforeDate: new Date(start), notAfterDate: new Date(start + LIFETIME_MS - 1000) };
}

function toSelfsigned(name: AltName): { type: 2; value: string } | { type: 7; ip: string } {
  return name.kind === 'dns' ? { type: 2, value: name.value } : { type: 7, ip: name.value };
}
