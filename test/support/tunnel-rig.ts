/** A proxy with one `tcp` route named `board`, and what a test needs around it. */
import { breakerDefaults } from '../../src/proxy/balancing/circuit-breaker.ts';
import type { TcpRouteSettings } from '../../src/proxy/routes/route-settings.ts';
import { ProxyRig, type ProxyRigOptions } from './proxy-rig.ts';
import type { TcpUpstream } from './tcp-upstream.ts';
import { TunnelClient } from './tunnel-client.ts';

export interface TunnelRigOptions {
  readonly upstreams: readonly Pick<TcpUpstream, 'port'>[];
  readonly route?: Partial<TcpRouteSettings>;
  readonly limits?: Partial<TcpRouteSettings['limits']>;
  readonly operators?: readonly string[];
  readonly rig?: ProxyRigOptions;
}

/** Settings of a route that a test need not spell out. */
export function tcpRoute({
  upstreams,
  route,
  limits,
}: Omit<TunnelRigOptions, 'rig' | 'operators'>): TcpRouteSettings {
  return {
    name: 'board',
    upstreams: upstreams.map(({ port }) => ({ host: '127.0.0.1', port, weight: 1, maxConnections: 100 })),
    balance: { policy: 'least-connections', slowStartMs: 0, breaker: breakerDefaults },
    probe: undefined,
    allow: 'players',
    limits: {
      connectMs: 2_000,
      idleMs: 60_000,
      totalMs: 600_000,
      tunnels: 100,
      tunnelsPerPlayer: 8,
      ...limits,
    },
    ...route,
  };
}

export class TunnelRig {
  readonly proxy: ProxyRig;
  readonly #clients: TunnelClient[] = [];

  private constructor(proxy: ProxyRig) {
    this.proxy = proxy;
  }

  static async start({ rig = {}, ...options }: TunnelRigOptions): Promise<TunnelRig> {
    return new TunnelRig(
      await ProxyRig.start({
        backend: false,
        ...rig,
        proxy: { tunnels: { routes: [tcpRoute(options)], operators: options.operators ?? [] }, ...rig.proxy },
      }),
    );
  }

  /** A tunnel, in whatever state it gets into. */
  tunnel(token: string | undefined, route = 'board'): TunnelClient {
    const { url, ca } = this.proxy;
    const client = new TunnelClient({ url, ca, route, ...(token !== undefined && { token }) });
    this.#clients.push(client);
    return client;
  }

  /** The line that the proxy logs when a tunnel has ended. */
  async ended(count = 1): Promise<Record<string, unknown>[]> {
    for (;;) {
      const lines = this.proxy.log.split('\n').filter((line) => line.includes('"a tunnel has ended"'));
      if (lines.length >= count) return lines.map((line) => JSON.parse(line));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.proxy.adminPort}/metrics`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.proxy[Symbol.asyncDispose]();
  }
}
