import { constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { OperatorError } from '../../process/operator-error.ts';
import { readTlsFiles } from '../../process/tls-files.ts';

/** What the link's listener proves itself with, and whom it lets in; all PEM. */
export interface LinkCredentials {
  readonly certificate: string;
  readonly key: string;
  /** The link's own CA, or two while one replaces the other. */
  readonly ca: string;
  readonly revocations: string | undefined;
}

export interface LinkFiles {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
  readonly revocations?: string | undefined;
}

/** The file names inside a certificates folder. */
export function linkFilesIn(folder: string, revocations?: string): LinkFiles {
  return {
    certificate: join(folder, 'link-server.pem'),
    key: join(folder, 'link-server-key.pem'),
    ca: join(folder, 'ca.pem'),
    revocations,
  };
}

/**
 * Reads the files and tries them, so that a bad set is refused whole.
 *
 * @throws OperatorError
 */
export async function readLinkCredentials(
  { revocations: path, ...paths }: LinkFiles,
  { production }: { readonly production?: boolean } = {},
): Promise<LinkCredentials> {
  const { certificate, key, ca } = await readTlsFiles(paths, production === undefined ? {} : { production });
  if (ca === undefined) throw new TypeError('The link needs a CA file.');
  const credentials = { certificate, key, ca, revocations: path && (await read(path)) };
  try {
    createSecureContext(linkContext(credentials));
  } catch (cause) {
    const of = path === undefined ? paths.certificate : `${paths.certificate} with ${path}`;
    throw new OperatorError('certificate_invalid', `TLS cannot use ${of}; check that all files are whole.`, {
      cause,
    });
  }
  return credentials;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path, flag: '--link-crl' }) ?? error;
  }
}

/**
 * TLS as LINK.md has it: 1.3 only, X25519MLKEM768 only, nothing to resume with. A ticket could outlive the
 * revocation of the certificate behind it, so none is any good here; the context of its own keeps those of
 * other listeners out.
 */
export function linkContext({ certificate, key, ca, revocations }: LinkCredentials): SecureContextOptions {
  return {
    cert: certificate,
    key,
    ca,
    ...(revocations !== undefined && { crl: revocations }),
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
    ecdhCurve: 'X25519MLKEM768',
    secureOptions: constants.SSL_OP_NO_TICKET,
    sessionIdContext: 'castling-link',
  };
}
