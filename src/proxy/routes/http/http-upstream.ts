import { Pool } from 'undici';
import type { HttpProbeTarget } from '../../balancing/probes/http-probe.ts';
import type { HttpRouteLimits } from './http-route.ts';

/** Where an upstream listens, and how it is spoken to. */
export interface HttpTarget extends HttpProbeTarget {
  readonly tls: boolean;
}

/** Bytes of an answer's header, and TCP connections for requests at once; further requests wait, as many as the balancer lets. */
const headerBytes = 16 * 1024;
const connections = 128;
/** Milliseconds: below what servers commonly close idle connections after, so that few requests meet a closing one. */
const keepAliveMs = 4_000;
const keepAliveMostMs = 60_000;

/** The connections to one upstream of an `http` route. */
export class HttpUpstream {
  readonly pool: Pool;
  /** `host:port` as in URLs: without a default port. */
  readonly authority: string;

  constructor({ host, port, tls, ca }: HttpTarget, limits: HttpRouteLimits) {
    const origin = `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.authority = new URL(origin).host;
    this.pool = new Pool(origin, {
      connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: limits.connectMs, ...(ca !== undefined && { ca }) },
      headersTimeout: limits.firstByteMs,
      bodyTimeout: limits.idleMs,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMostMs,
      maxHeaderSize: headerBytes,
      maxResponseSize: limits.responseBodyBytes,
      strictContentLength: true,
    });
  }

  /** Closes the connections when what is under way on them has ended. */
  close(): void {
    void this.pool.close();
  }
}
