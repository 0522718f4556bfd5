import { isIP } from 'node:net';

/** The certificates that a development machine needs, and what each may be used for. */
export type LeafRole = 'proxy' | 'link-server' | 'link-client';
export type CertificateRole = 'ca' | LeafRole;

export const LEAF_ROLES = ['proxy', 'link-server', 'link-client'] as const satisfies readonly LeafRole[];
export const CERTIFICATE_ROLES = ['ca', ...LEAF_ROLES] as const satisfies readonly CertificateRole[];

/** The link's two ends know each other by these names, which exist in no public DNS (`.internal` is reserved for that). */
const LINK_SERVER_NAME = 'backend.castling.internal';
const LINK_CLIENT_NAME = 'proxy.castling.internal';

/** What every development CA is called, followed by eight random hexadecimal digits. */
export const DEVELOPMENT_CA_NAME = 'Castling development CA';

/** One name in a certificate's subjectAltName. */
export type AltName = { kind: 'dns' | 'ip'; value: string };

/** File names inside the certificates folder. */
export function filesOf(role: CertificateRole): { certificate: string; key: string } {
  return { certificate: `${role}.pem`, key: `${role}-key.pem` };
}

/** Extended key usage by role: the link's two ends must not be able to take each other's part. */
export function usageOf(role: LeafRole): 'serverAuth' | 'clientAuth' {
  return role === 'link-client' ? 'clientAuth' : 'serverAuth';
}

/**
 * The names that a certificate of this role must carry. Only the proxy's depend on the machine: its own host name and
 * what the operator added.
 */
export function requiredNames(role: LeafRole, proxyNames: readonly string[]): AltName[] {
  switch (role) {
    case 'link-server':
      return [{ kind: 'dns', value: LINK_SERVER_NAME }];
    case 'link-client':
      return [{ kind: 'dns', value: LINK_CLIENT_NAME }];
    case 'proxy':
      return unique(['localhost', '127.0.0.1', '::1', ...proxyNames].map(altName));
  }
}

/** A host name or an IP address, in the form in which certificates are compared. */
export function altName(name: string): AltName {
  const kind = isIP(name) === 0 ? 'dns' : 'ip';
  return { kind, value: kind === 'ip' ? canonicalAddress(name) : name.toLowerCase() };
}

/** Both lists without repetition, in their order. */
export function unique(names: readonly AltName[]): AltName[] {
  const seen = new Map(names.map((name) => [`${name.kind}:${name.value}`, name]));
  return [...seen.values()];
}

/** `::1` and `0:0:0:0:0:0:0:1` are one address; the URL parser knows how to shorten it (RFC 5952). */
function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
