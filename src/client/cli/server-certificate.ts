import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { ServerAddress } from './server-address.ts';

/** What a TLS handshake with the server showed. */
export type ServerCertificate =
  | { readonly kind: 'trusted' }
  /** The handshake ended with this error: certificate, network, or no TLS at all. */
  | {
      readonly kind: 'failed';
      readonly error: Error;
      /** The chain's own root, when the server sent it along. */
      readonly root?: X509Certificate;
    };

/** Milliseconds for connecting and the handshake. */
const handshakeTimeoutMs = 10_000;

/**
 * Makes one TLS connection, sends nothing on it, and says whether the server's certificate is trusted. Verification is
 * never switched off: the chain is only looked at in the moment before Node refuses it and destroys the socket.
 */
export function inspectServerCertificate(address: ServerAddress): Promise<ServerCertificate> {
  return new Promise((resolve) => {
    let root: X509Certificate | undefined;
    const socket = connect({
      host: address.host,
      port: address.port,
      ALPNProtocols: ['http/1.1'],
      ...(isIP(address.host) === 0 && { servername: address.host }),
    });
    // Node's own listener for this event verifies, and destroys the socket when that fails; this one comes before it.
    socket.prependListener('secure', () => {
      root = rootOf(socket);
    });
    const finish = (outcome: ServerCertificate) => {
      socket.destroy();
      resolve(outcome);
    };
    const fail = (error: Error) => finish({ kind: 'failed', error, ...(root && { root }) });
    socket.setTimeout(handshakeTimeoutMs, () =>
      fail(Object.assign(new Error('No TLS handshake in time.'), { code: 'ETIMEDOUT' })),
    );
    socket.once('secureConnect', () => finish({ kind: 'trusted' }));
    socket.on('error', fail);
    socket.once('close', () =>
      fail(
        Object.assign(new Error('The connection was closed during the handshake.'), { code: 'ECONNRESET' }),
      ),
    );
  });
}

/** Errors that mean: a proper chain, whose root nobody here has heard of. */
export function isUnknownIssuer(error: Error & { readonly code?: unknown }): boolean {
  return (
    error.code === 'SELF_SIGNED_CERT_IN_CHAIN' ||
    error.code === 'DEPTH_ZERO_SELF_SIGNED_CERT' ||
    error.code === 'UNABLE_TO_GET_ISSUER_CERT' ||
    error.code === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' ||
    error.code === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' ||
    // A CA of the same name is known, but another key signed.
    error.code === 'CERT_SIGNATURE_FAILURE'
  );
}

function rootOf(socket: TLSSocket): X509Certificate | undefined {
  let certificate = socket.getPeerCertificate(true);
  // A certificate that issued itself is its own issuer in this structure; the bound guards against a ring.
  for (let depth = 0; depth < 10 && certificate.issuerCertificate; depth++) {
    if (certificate.issuerCertificate === certificate) break;
    certificate = certificate.issuerCertificate;
  }
  if (certificate.raw === undefined) return undefined;
  const x509 = new X509Certificate(certificate.raw);
  return x509.checkIssued(x509) ? x509 : undefined;
}
