/** A proxy in this process, on free ports, with real accounts in memory and (unless told otherwise) a real backend. */

import type { IncomingHttpHeaders, Server } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { type Auth, type AuthOptions, createAuth } from '../../src/auth/index.ts';
import { type Backend, startBackend } from '../../src/game/backend.ts';
import { linkFilesIn, readLinkCredentials } from '../../src/game/link/link-credentials.ts';
import { LiveCertificates } from '../../src/process/live-certificates.ts';
import { createLogger, type Logger } from '../../src/process/logger.ts';
import { Registry } from '../../src/process/metrics.ts';
import type { TlsPaths } from '../../src/process/tls-files.ts';
import { createAdminServer } from '../../src/proxy/admin.ts';
import { type Dial, dialBackend } from '../../src/proxy/link/dial-backend.ts';
import { EdgeCertificates } from '../../src/proxy/listener/certificates/edge-certificates.ts';
import { listen } from '../../src/proxy/listener/listen.ts';
import { type ProxyOptions, ProxyProcess } from '../../src/proxy/proxy-process.ts';
import { cheapCost } from './auth-fixture.ts';
import { LinkCertificates } from './link-certificates.ts';
import { ProxyPlayer, type ProxyPlayerOptions } from './proxy-player.ts';

export interface ProxyRigOptions {
  /** In place of TLS to the real backend. */
  readonly dial?: (real: Dial) => Dial;
  /** Store of the real backend; in memory when left out. `false`: no backend. */
  readonly backend?: string | false;
  readonly proxy?: Partial<ProxyOptions>;
  readonly auth?: Partial<AuthOptions>;
  readonly logLevel?: 'debug' | 'info';
  /** Certificates beside the default's, signed by the same CA. */
  readonly certificates?: readonly { readonly name: string; readonly dns: string }[];
}

export interface Account {
  readonly name: string;
  readonly player: string;
  readonly session: string;
  readonly access_token: string;
  readonly refresh_token: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class ProxyRig {
  readonly certificates = new LinkCertificates();
  readonly ca: string;
  readonly live: LiveCertificates;
  readonly proxy: ProxyProcess;
  readonly auth: Auth;
  readonly port: number;
  readonly adminPort: number;
  readonly url: string;
  readonly #admin: Server;
  #backend: Backend | undefined;
  readonly #lines: string[];
  readonly #logger: Logger;
  readonly #players = new Set<ProxyPlayer>();
  #isDrained = false;

  private constructor(parts: {
    certificates: LinkCertificates;
    live: LiveCertificates;
    proxy: ProxyProcess;
    port: number;
    admin: Server;
    auth: Auth;
    backend: Backend | undefined;
    lines: string[];
    logger: Logger;
  }) {
    this.certificates = parts.certificates;
    this.ca = parts.certificates.read('ca.pem');
    this.live = parts.live;
    this.proxy = parts.proxy;
    this.auth = parts.auth;
    this.#backend = parts.backend;
    this.#lines = parts.lines;
    this.#logger = parts.logger;
    this.#admin = parts.admin;
    this.port = parts.port;
    this.adminPort = portOf(parts.admin);
    this.url = `https://localhost:${this.port}`;
  }

  static async start(options: ProxyRigOptions = {}): Promise<ProxyRig> {
    const certificates = new LinkCertificates();
    certificates.issue({
      name: 'proxy',
      issuer: 'ca',
      usage: 'serverAuth',
      dns: 'localhost',
      ip: '127.0.0.1',
    });
    const named = options.certificates ?? [];
    for (const wish of named) certificates.issue({ ...wish, issuer: 'ca', usage: 'serverAuth' });
    const lines: string[] = [];
    const logger = createLogger({
      name: 'proxy',
      level: options.logLevel ?? 'debug',
      destination: { write: (line: string) => void lines.push(line) },
      pretty: false,
    });
    const backend =
      options.backend === false
        ? undefined
        : await startBackendFor(certificates, {
            storeUrl: options.backend ?? 'sqlite::memory:',
            port: 0,
            logger,
          });
    const auth = await createAuth({
      storeUrl: 'sqlite::memory:',
      issuer: 'https://castling.internal',
      audience: 'castling',
      logger,
      ...options.auth,
      passwords: { cost: cheapCost, ...options.auth?.passwords },
    });
    const pairOf = (name: string): TlsPaths => ({
      certificate: certificates.path(`${name}.pem`),
      key: certificates.path(`${name}-key.pem`),
    });
    const metrics = options.proxy?.metrics ?? new Registry();
    const live = new LiveCertificates({ logger, metrics, everyMs: 250 });
    let linkPort = backend?.port ?? 1;
    const real: Dial = () =>
      dialBackend({
        host: '127.0.0.1',
        port: linkPort,
        ca: certificates.read('ca.pem'),
        certificate: certificates.read('link-client.pem'),
        key: certificates.read('link-client-key.pem'),
      });
    let port = 0;
    const proxy = new ProxyProcess({
      auth,
      certificates: await EdgeCertificates.load({
        pairs: [pairOf('proxy'), ...named.map(({ name }) => pairOf(name))],
        live,
      }),
      backends: ['127.0.0.1:0'],
      dial: options.dial?.(real) ?? real,
      logger,
      metrics,
      open: async (server) => {
        await listen(server, { host: '127.0.0.1', port: 0, flag: '--port' });
        port = portOf(server);
      },
      ...options.proxy,
    });
    await proxy.start();
    const admin = createAdminServer({
      obstacles: () => proxy.obstacles(),
      metrics: async () => metrics,
    });
    await listen(admin, { host: '127.0.0.1', port: 0, flag: '--admin-port' });
    const rig = new ProxyRig({ certificates, live, proxy, port, admin, auth, backend, lines, logger });
    rig.#setPort = (next) => {
      linkPort = next;
    };
    if (options.backend !== false) await rig.ready();
    return rig;
  }

  #setPort: (port: number) => void = () => {};

  /** Everything logged so far, by the proxy, the accounts and the backend. */
  get log(): string {
    return this.#lines.join('');
  }

  /** What the operator's Prometheus reads. */
  async metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.adminPort}/metrics`)).text();
  }

  /** Waits until a player could play. */
  async ready(): Promise<void> {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${this.adminPort}/ready`);
      if (answer.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stopBackend(): Promise<void> {
    await this.#backend?.stop();
    this.#backend = undefined;
  }

  /** On a new port, which the proxy finds at its next dial. */
  async startBackend(storeUrl: string): Promise<void> {
    this.#backend = await startBackendFor(this.certificates, { storeUrl, port: 0, logger: this.#logger });
    this.#setPort(this.#backend.port);
  }

  async register(name: string, password = 'correct horse battery'): Promise<Account> {
    const answer = await this.request('/auth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });
    if (answer.status !== 201) throw new Error(`register: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as Account;
  }

  /** A signed-in player; give `token` for an account that exists. */
  async player(name: string, options: Partial<ProxyPlayerOptions> = {}): Promise<ProxyPlayer> {
    const token = options.token ?? (await this.register(name)).access_token;
    const player = this.connect({ ...options, token });
    await player.signedIn;
    return player;
  }

  /** A socket, in whatever state it gets into. */
  connect(options: Partial<ProxyPlayerOptions> = {}): ProxyPlayer {
    const player = new ProxyPlayer({ url: this.url, ca: this.ca, ...options });
    this.#players.add(player);
    return player;
  }

  request(path: string, options: RequestOptions & { body?: string | Uint8Array } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { body, ...rest } = options;
      const request = httpsRequest(
        { host: 'localhost', port: this.port, path, ca: this.ca, agent: false, ...rest },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  async drain(): Promise<void> {
    this.#isDrained = true;
    await this.proxy.drain();
    this.#admin.close();
    this.#admin.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.#players) player.terminate();
    if (!this.#isDrained) await this.drain();
    await this.stopBackend();
    this.live.stop();
    this.certificates.remove();
  }
}

function portOf(server: NetServer): number {
  return (server.address() as AddressInfo).port;
}

async function startBackendFor(
  certificates: LinkCertificates,
  { storeUrl, port, logger }: { storeUrl: string; port: number; logger: Logger },
): Promise<Backend> {
  return await startBackend({
    storeUrl,
    host: '127.0.0.1',
    port,
    credentials: await readLinkCredentials(linkFilesIn(certificates.folder)),
    logger: logger.child({ part: 'backend' }),
    fatal: (error) => {
      throw error;
    },
  });
}
