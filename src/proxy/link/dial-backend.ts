import { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { certificatesIn } from '../../process/certificates/index.ts';
import { linkAlpn, linkNames } from '../../protocol/link-messages.ts';
import { backendFault } from './check-backend.ts';
import { LinkError } from './link-error.ts';

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** The link's own CA, PEM: the only one that counts; those of the system and `NODE_EXTRA_CA_CERTS` do not. */
  readonly ca: string;
  /** This proxy's client certificate and key, PEM. */
  readonly certificate: string;
  readonly key: string;
  /** Milliseconds for TCP and TLS together. */
  readonly timeoutMs?: number;
}

/** Opens one transport to one backend. Handed to the link client, so that a test can hand in another. */
export type Dial = () => Promise<Duplex>;

const defaultTimeoutMs = 5_000;

/**
 * Opens a TLS 1.3 connection to a backend, with the post-quantum hybrid key exchange or not at all, and resolves once
 * the backend has proved who it is.
 *
 * @throws LinkError `unreachable`, `handshake_failed`, `backend_not_trusted`, `dial_timeout`.
 */
export function dialBackend(options: DialOptions): Promise<Duplex> {
  const authorities = certificatesIn(options.ca);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: options.host,
      port: options.port,
      servername: linkNames.backend,
      ca: options.ca,
      cert: options.certificate,
      key: options.key,
      minVersion: 'TLSv1.3',
      maxVersion: 'TLSv1.3',
      ecdhCurve: 'X25519MLKEM768',
      ALPNProtocols: [linkAlpn],
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => identityFault(certificate.raw, authorities),
    });
    socket.setNoDelay(true);
    const timer = setTimeout(() => {
      fail(new LinkError('dial_timeout'));
    }, options.timeoutMs ?? defaultTimeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.on('error', ignore);
      socket.destroy();
      reject(asLinkError(error, socket));
    };
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      if (socket.alpnProtocol !== linkAlpn) {
        fail(
          new LinkError('handshake_failed', {
            cause: new Error('the peer did not choose the link protocol'),
          }),
        );
        return;
      }
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function ignore(): void {
  // The dial has failed already; a second error of the same socket adds nothing.
}

function identityFault(raw: Buffer, authorities: readonly X509Certificate[]): Error | undefined {
  const fault = backendFault(new X509Certificate(raw), authorities);
  return fault === undefined ? undefined : new LinkError('backend_not_trusted', { cause: new Error(fault) });
}

function asLinkError(error: Error, socket: TLSSocket): LinkError {
  if (error instanceof LinkError) return error;
  if (socket.authorizationError) return new LinkError('backend_not_trusted', { cause: error });
  const isNetwork = 'syscall' in error && error.syscall === 'connect';
  return new LinkError(isNetwork ? 'unreachable' : 'handshake_failed', { cause: error });
}
