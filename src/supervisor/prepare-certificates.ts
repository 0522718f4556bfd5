import { describeOutcome, ensureDevelopmentCertificates } from '../process/certificates/index.ts';
import { readTlsFiles, type TlsPaths } from '../process/tls-files.ts';
import { tlsPathsIn } from './start-settings.ts';

/**
 * Sees to the certificates before the children need them. On a development machine, makes or renews them and tells
 * about each file that changed; in production, makes nothing. Then refuses, by name, what is missing, does not fit
 * its key, is out of its validity, or (in production) was made for development.
 *
 * @throws OperatorError as {@link ensureDevelopmentCertificates} and {@link readTlsFiles} do.
 */
export async function prepareCertificates(options: {
  folder: string;
  /** Of the player port. */
  pairs: readonly TlsPaths[];
  production: boolean;
  print: (line: string) => void;
}): Promise<void> {
  const { folder, pairs, production, print } = options;
  if (!production) {
    const outcomes = await ensureDevelopmentCertificates({ folder });
    const changed = outcomes.filter(({ action }) => action === 'created' || action === 'renewed');
    if (changed.length > 0) print(`Development certificates in ${folder}:`);
    for (const outcome of changed) print(`  ${describeOutcome(outcome)}`);
  }
  for (const pair of pairs) await readTlsFiles(pair, { production });
  for (const role of ['link-server', 'link-client'] as const) {
    await readTlsFiles(tlsPathsIn(folder, role), { production });
  }
}
