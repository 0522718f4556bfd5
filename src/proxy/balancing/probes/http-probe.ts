import { request } from 'node:http';
import type { Probe } from '../prober.ts';

export interface HttpProbeOptions {
  readonly host: string;
  readonly port: number;
  /** With its query, such as `/health`. */
  readonly path: string;
  /** The status that means well. */
  readonly status: number;
}

/** Well when `GET path` answers with the expected status. The body is not read: it could be as long as it likes. */
export function httpProbe({ host, port, path, status }: HttpProbeOptions): Probe {
  return (signal) =>
    new Promise((resolve, reject) => {
      const asked = request({
        host,
        port,
        path,
        signal,
        agent: false,
        headers: { 'user-agent': 'castling-probe', connection: 'close' },
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
