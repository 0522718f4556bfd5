/** What the settings say about TLS and about those in front, in the form that the parts of the edge take. */
import type { TlsPaths } from '../process/tls-files.ts';
import type { Settings, SettingsSource } from '../settings/index.ts';
import { AcmeFiles } from './acme/acme-files.ts';
import type { AddressTrust } from './addresses/client-addresses.ts';
import type { StrictTransport } from './http/answer-headers.ts';
import type { EdgeCertificates } from './listener/certificates/edge-certificates.ts';
import type { ProxyProcess } from './proxy-process.ts';

/** The pairs of the player port: those that are listed, then the one that Castling orders itself. */
export function edgePairs({ tls }: Pick<Settings, 'tls'>): TlsPaths[] {
  const listed = tls.certificates.map(({ cert, key }) => ({ certificate: cert, key }));
  return tls.acme.names.length === 0 ? listed : [...listed, new AcmeFiles(tls.acme.folder).paths];
}

export function addressTrust({ proxy }: Pick<Settings, 'proxy'>): AddressTrust {
  const { trustedProxies, proxyProtocol, forwardedField } = proxy;
  return { trustedProxies, proxyProtocol, forwardedField };
}

export function strictTransportFrom({ tls: { hsts } }: Pick<Settings, 'tls'>): StrictTransport {
  return { maxAge: Math.floor(hsts.maxAge / 1_000), includeSubDomains: hsts.includeSubDomains };
}

/** Lets the edge obey these settings when they change. A certificate that cannot be used refuses the new settings whole. */
export function followEdgeSettings(
  settings: Pick<SettingsSource, 'subscribe'>,
  { proxy, certificates }: { readonly proxy: ProxyProcess; readonly certificates: EdgeCertificates },
): void {
  settings.subscribe(addressTrust, { apply: (trust) => proxy.trust(trust) });
  settings.subscribe(strictTransportFrom, { apply: (strict) => proxy.keepOnHttps(strict) });
  settings.subscribe(edgePairs, {
    prepare: (pairs) => certificates.read(pairs),
    apply: (_pairs, read) => certificates.use(read),
  });
}
