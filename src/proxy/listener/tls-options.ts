import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import type { TlsMaterial } from '../../process/tls-files.ts';

/**
 * What the edge speaks: TLS 1.3, and TLS 1.2 with forward secrecy and authenticated encryption only (RFC 9325 sections 3.1.1
 * and 4.2.1), and post-quantum hybrid key exchange first (draft-ietf-tls-ecdhe-mlkem).
 */
const edgeTls = {
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.3',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  /** Seconds for which a session may be resumed. */
  sessionTimeout: 3_600,
  /** One for all certificates and processes, so that a session of one is known to the others. */
  sessionIdContext: 'castling-edge',
} as const satisfies SecureContextOptions;

/**
 * HTTP/1.1 as the one application protocol: a client that offers only others gets the fatal `no_application_protocol` (RFC
 * 7301 section 3.2).
 */
export const edgeProtocols = ['http/1.1'];

/** TLS of the player port with this certificate. */
export function edgeContext({ certificate, key }: TlsMaterial): SecureContextOptions {
  return { ...edgeTls, cert: certificate, key };
}
