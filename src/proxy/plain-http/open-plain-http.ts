import type { AddressInfo } from 'node:net';
import type { Logger } from '../../process/logger.ts';
import type { Registry } from '../../process/metrics.ts';
import type { Settings } from '../../settings/index.ts';
import { keepCertificate } from '../acme/keep-certificate.ts';
import { requestIds } from '../conversation/request-ids.ts';
import { listen } from '../listener/listen.ts';
import { createPlainHttpServer } from './plain-http-server.ts';

export interface PlainHttp {
  /** Where it listens; `undefined` when the settings want no such port. */
  readonly port: number | undefined;
  close(): void;
}

/**
 * Opens the port for plain HTTP, and orders a certificate through it, as far as the settings want that. For one process of an
 * installation; the pair that others load is there when this resolves.
 *
 * @throws OperatorError `port_taken`, `folder_unusable`, …
 */
export async function openPlainHttp(
  { proxy, tls }: Pick<Settings, 'proxy' | 'tls'>,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Registry },
): Promise<PlainHttp> {
  const kept = await keepCertificate(tls, { logger, metrics });
  if (tls.plainHttpPort === undefined) return { port: undefined, close: () => kept?.stop() };
  const server = createPlainHttpServer({
    httpsPort: tls.publicPort,
    nextRequestId: requestIds(),
    logger,
    ...(kept && { challengeAnswer: kept.challengeAnswer }),
  });
  await listen(server, { host: proxy.host, port: tls.plainHttpPort, flag: '--set tls.plainHttpPort=PORT' });
  const { port } = server.address() as AddressInfo;
  logger.info({ host: proxy.host, port, to: tls.publicPort }, 'plain HTTP is sent to HTTPS');
  kept?.start();
  return {
    port,
    close: () => {
      kept?.stop();
      server.close();
      server.closeAllConnections();
    },
  };
}
