import type { X509Certificate } from 'node:crypto';

/** One end of the link: the DNS name that stands for it, and what its certificate is for. */
export interface LinkEnd {
  readonly name: string;
  readonly usage: 'serverAuth' | 'clientAuth';
}

export type LinkFault = 'is_ca' | 'not_signed_directly' | 'other_usage' | 'other_name';

/** Object identifiers of the extended key usage, RFC 5280 section 4.2.1.12. */
const usages = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

/**
 * What is wrong with the certificate of one end of the link, or `undefined` when nothing is. TLS verifies the chain and the
 * validity; the link demands more: its own CA signed the certificate itself, so that no intermediate can speak for an end; the
 * name is a DNS entry of subjectAltName (RFC 6125 section 6.4.4: a common name or an address is no identity), spelled out rather
 * than matched by a wildcard; and it is for this side, a proxy's for no other, so that none can take a backend's part.
 */
export function linkFault(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[],
  end: LinkEnd,
): LinkFault | undefined {
  if (leaf.ca) return 'is_ca';
  const isDirect = authorities.some((ca) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
  if (!isDirect) return 'not_signed_directly';
  const found = leaf.checkHost(end.name, { subject: 'never', wildcards: false, partialWildcards: false });
  if (found !== end.name) return 'other_name';
  // `keyUsage` is Node's name for the extended key usage.
  const own: readonly string[] = leaf.keyUsage ?? [];
  const isForThis = own.includes(usages[end.usage]) && (end.usage === 'serverAuth' || own.length === 1);
  return isForThis ? undefined : 'other_usage';
}
