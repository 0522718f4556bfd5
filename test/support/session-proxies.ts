/** Proxies as processes of their own over one auth store, and accounts on it that need no proxy to be made. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthOptions } from '../../src/auth/index.ts';
import { migrations } from '../../src/auth/migrations.ts';
import { Moderation } from '../../src/auth/moderation.ts';
import { RecoveryCodes } from '../../src/auth/recovery/recovery-codes.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { webRandomBytes } from '../../src/protocol/ids.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { type RunningAuth, startAuth } from './auth-fixture.ts';
import { LinkCertificates } from './link-certificates.ts';
import { ProxyPlayer } from './proxy-player.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface ProxyWishes {
  readonly clock?: string;
  /** `KEY=VALUE` */
  readonly settings?: readonly string[];
}

export class SessionProxies {
  readonly certificates = new LinkCertificates();
  readonly urls: string[] = [];
  /** Accounts as one more process sees them: this one. */
  readonly accounts: RunningAuth;
  /** What an operator does, with no proxy in between. */
  readonly operator: Moderation;
  readonly #store: Store<AuthSchema>;
  readonly #processes: ChildProcess[] = [];
  readonly #players = new Set<ProxyPlayer>();

  private constructor(parts: {
    certificates: LinkCertificates;
    accounts: RunningAuth;
    store: Store<AuthSchema>;
  }) {
    this.certificates = parts.certificates;
    this.accounts = parts.accounts;
    this.#store = parts.store;
    this.operator = new Moderation({
      store: parts.store,
      codes: new RecoveryCodes({ randomBytes: webRandomBytes }),
      clock: Date.now,
      actor: 'operator:test',
    });
  }

  static async start(options: { count?: number; auth?: Partial<AuthOptions> } = {}): Promise<SessionProxies> {
    const certificates = new LinkCertificates();
    certificates.issue({
      name: 'proxy',
      issuer: 'ca',
      usage: 'serverAuth',
      dns: 'localhost',
      ip: '127.0.0.1',
    });
    const storeUrl = `sqlite:${certificates.path('auth.db')}`;
    const accounts = await startAuth({
      storeUrl,
      issuer: 'https://castling.internal',
      clock: Date.now,
      ...options.auth,
    });
    const store = await openStore<AuthSchema>({ url: storeUrl, migrations });
    const proxies = new SessionProxies({ certificates, accounts, store });
    for (let index = 0; index < (options.count ?? 2); index += 1) await proxies.startProxy();
    return proxies;
  }

  /** One more proxy; gives its place in `urls`. `clock` sets it forward or back, such as `+30s`. */
  async startProxy({ clock, settings = [] }: ProxyWishes = {}): Promise<number> {
    const { folder, path } = { folder: this.certificates.folder, path: this.certificates.path('auth.db') };
    const args = ['--port', '0', '--admin-port', '0', '--host', '127.0.0.1', '--link', '127.0.0.1:1'];
    const [program, ...before] =
      clock === undefined ? [process.execPath] : ['faketime', '-f', clock, process.execPath];
    const child = spawn(
      program ?? '',
      [
        ...before,
        main,
        'proxy',
        ...args,
        '--certs',
        folder,
        '--data',
        join(folder, 'data'),
        '--auth-store',
        `sqlite:${path}`,
        ...settings.flatMap((setting) => ['--set', setting]),
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, NODE_ENV: 'test' } },
    );
    this.#processes.push(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-4_000);
    });
    const [message] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`a proxy ended with ${code}:\n${said}`);
      }),
    ])) as [{ port: number }];
    return this.urls.push(`https://localhost:${message.port}`) - 1;
  }

  /** The process ids of a proxy and of all that it has started. */
  pidsOf(index: number): number[] {
    const pids = [this.#processes[index]?.pid ?? 0];
    for (const pid of pids) {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
      pids.push(...children.split(' ').filter(Boolean).map(Number));
    }
    return pids;
  }

  /** Ends a proxy without a word. Its place in `urls` stays. */
  async killProxy(index: number): Promise<void> {
    const child = this.#processes[index];
    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** With a token, or with header fields of its own. */
  connect(index: number, by: string | { readonly headers?: Record<string, string> }): ProxyPlayer {
    const player = new ProxyPlayer({
      url: this.urls[index] ?? '',
      ca: this.certificates.read('ca.pem'),
      ...(typeof by === 'string' ? { token: by } : { webSocket: by }),
    });
    this.#players.add(player);
    return player;
  }

  /** A socket that is signed in. */
  async signedIn(index: number, token: string): Promise<ProxyPlayer> {
    const player = this.connect(index, token);
    await player.signedIn;
    return player;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.#players) player.terminate();
    for (const index of this.#processes.keys()) await this.killProxy(index);
    await this.accounts.close();
    await this.#store.close();
    this.certificates.remove();
  }
}
