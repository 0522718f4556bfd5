import { readFile } from 'node:fs/promises';
import { explainSystemError } from '../../process/explain-system-error.ts';
import type { Logger } from '../../process/logger.ts';
import type { Registry } from '../../process/metrics.ts';
import type { Settings } from '../../settings/index.ts';
import { AcmeFiles } from './acme-files.ts';
import { AcmeKeeper } from './acme-keeper.ts';
import { httpsTransport } from './acme-transport.ts';
import { obtainCertificate } from './obtain-certificate.ts';

export interface KeptCertificate {
  /** What answers under `/.well-known/acme-challenge/` over plain HTTP. */
  readonly challengeAnswer: (token: string) => Promise<string | undefined>;
  /** Begins to order; the port for plain HTTP must be open by now. */
  start(): void;
  stop(): void;
}

/**
 * Gets ready to keep a certificate by ACME, for the one process that orders; `undefined` when the settings want none. From now on
 * there is a pair in the folder, if only a stand-in.
 *
 * @throws OperatorError `folder_unusable`, `file_missing`, …
 */
export async function keepCertificate(
  { acme }: Settings['tls'],
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Registry },
): Promise<KeptCertificate | undefined> {
  const { names, folder, caFile } = acme;
  if (names.length === 0) return undefined;
  const files = new AcmeFiles(folder);
  await files.prepare(names);
  const transport = httpsTransport({ ca: caFile === undefined ? undefined : await readCa(caFile) });
  const keeper = new AcmeKeeper({
    names,
    files,
    obtain: () => obtainCertificate({ settings: acme, files, transport }),
    logger,
    metrics,
  });
  return {
    challengeAnswer: (token) => files.challenges.answer(token),
    start: () => void keeper.start(),
    stop: () => keeper.stop(),
  };
}

async function readCa(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw explainSystemError(error, { doing: 'read', path }) ?? error;
  }
}
