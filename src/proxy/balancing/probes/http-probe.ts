import { request } from 'node:http';
import { request as requestByTls } from 'node:https';
import type { Probe } from '../prober.ts';

/** What is asked, and how it is spoken to. */
export interface HttpProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  /** Certificates to check it against, in place of the system's; PEM. */
  readonly ca?: string;
  /** What it is asked for as, in `Host` and in TLS; its address when left out. */
  readonly hostField?: string;
}

export interface HttpProbeOptions extends HttpProbeTarget {
  /** With its query, such as `/health`. */
  readonly path: string;
  /** The status that means well. */
  readonly status: number;
}

/** Well when `GET path` answers with the expected status. The body is not read: it could be as long as it likes. */
export function httpProbe({ path, status, ...target }: HttpProbeOptions): Probe {
  const { host, port, tls = false, ca, hostField } = target;
  const ask = tls ? requestByTls : request;
  return (signal) =>
    new Promise((resolve, reject) => {
      const asked = ask({
        host,
        port,
        path,
        signal,
        agent: false,
        headers: {
          'user-agent': 'castling-probe',
          connection: 'close',
          ...(hostField !== undefined && { host: hostField }),
        },
        ...(hostField !== undefined && { servername: hostField.replace(/:\d+$/, '') }),
        ...(ca !== undefined && { ca }),
        maxHeaderSize: 16 * 1024,
      });
      asked.once('response', (response) => {
        if (response.statusCode === status) resolve();
        else reject(new Error(`GET ${path} answers ${response.statusCode}, not ${status}`));
        response.destroy();
      });
      asked.on('error', (error) => reject(signal.aborted ? signal.reason : error));
      asked.end();
    });
}
