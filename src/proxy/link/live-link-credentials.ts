import { join } from 'node:path';
import type { LiveCertificates } from '../../process/live-certificates.ts';
import { readTlsFiles } from '../../process/tls-files.ts';
import type { DialOptions } from './dial-backend.ts';

export type LinkCredentials = Pick<DialOptions, 'ca' | 'certificate' | 'key'>;

/**
 * What this proxy shows to backends and trusts of them, from a folder of certificates. Changed files are used from the next dial
 * on; the connection that is open stays, for the backend decides when to end it.
 *
 * @throws OperatorError naming the file and what is wrong with it.
 */
export async function liveLinkCredentials({
  folder,
  live,
}: {
  readonly folder: string;
  readonly live: LiveCertificates;
}): Promise<() => LinkCredentials> {
  const paths = {
    certificate: join(folder, 'link-client.pem'),
    key: join(folder, 'link-client-key.pem'),
    ca: join(folder, 'ca.pem'),
  };
  const read = async (): Promise<LinkCredentials> => {
    const { certificate, key, ca = '' } = await readTlsFiles(paths);
    return { certificate, key, ca };
  };
  let current = await read();
  live.add({
    name: 'link-client',
    paths: Object.values(paths),
    initial: current,
    read,
    take: (credentials) => {
      current = credentials;
    },
  });
  return () => current;
}
