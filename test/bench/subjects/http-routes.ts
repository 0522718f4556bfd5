/** Subjects for benches about `http` routes: something that relays over TLS to one nginx that serves files. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dispatcher, Pool } from 'undici';
import { freePorts } from '../../support/free-ports.ts';
import {
  type Relay,
  startFileServer,
  startHaproxyRelay,
  startNginxRelay,
} from '../../support/other-relays.ts';
import type { Bench, Round, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { type BenchCastling, startBenchCastling } from './castling.ts';
import { launch } from './programs.ts';

export interface HttpLoad {
  /** `/relayed/` or `/kept/`, and the file. */
  readonly path: string;
  /** Requests under way at once, each on a connection of its own. Default 16. */
  readonly connections?: number;
}

type Starter = Bench['subjects'][string];

/** The primary and the worker; the backend of games has no part in it. `signedIn` asks with a token, and the player is named. */
export function castlingRelay(load: HttpLoad, { signedIn = false } = {}): Starter {
  return async (place) => {
    const { port, files } = await startFiles(place);
    const castling = await startBenchCastling(place, { more: routes(port) });
    const [token] = signedIn ? await castling.tokens(1) : [];
    const path = signedIn ? load.path.replace('/relayed/', '/signed/') : load.path;
    return new RelaySubject({
      place,
      load: { ...load, path },
      token,
      origin: castling.url,
      pids: () => relaying(castling),
      stop: async () => {
        await castling[Symbol.asyncDispose]();
        await files.stop();
      },
    });
  };
}

export const haproxyRelay = (load: HttpLoad): Starter => relayBy(load, startHaproxyRelay);
export const nginxRelay = (load: HttpLoad): Starter => relayBy(load, startNginxRelay);
export const caddyRelay = (load: HttpLoad): Starter => relayBy(load, startCaddyRelay);

function relaying(castling: BenchCastling): number[] {
  const backend = castling.pidOf('backend');
  return castling.pids().filter((pid) => pid !== backend);
}

function relayBy(load: HttpLoad, start: typeof startNginxRelay): Starter {
  return async (place) => {
    const { folder, port: upstreamPort, files } = await startFiles(place);
    const [port = 0] = await freePorts(1);
    const relay = await start({ folder, port, upstreamPort, certificate: place.cert, key: place.key });
    return new RelaySubject({
      place,
      load,
      origin: `https://localhost:${port}`,
      pids: () => relay.pids,
      stop: async () => {
        await relay.stop();
        await files.stop();
      },
    });
  };
}

async function startFiles(place: Place): Promise<{ folder: string; port: number; files: Relay }> {
  const folder = mkdtempSync(join(place.folder, 'http-'));
  const [port = 0] = await freePorts(1);
  for (const part of ['relayed', 'signed', 'kept']) {
    mkdirSync(join(folder, 'www', part), { recursive: true });
    writeFileSync(join(folder, 'www', part, 'small'), 'x'.repeat(1024));
    writeFileSync(join(folder, 'www', part, 'large'), 'x'.repeat(1024 * 1024));
  }
  return { folder, port, files: await startFileServer({ folder, port, root: join(folder, 'www') }) };
}

function routes(port: number): string {
  const route = (name: string, more: string) => `
  - name: ${name}
    kind: http
    path: /${name}/
    upstreamPath: /${name}/
    upstreams: [{ address: 127.0.0.1:${port} }]
    ${more}`;
  return `routes:${route('relayed', 'signIn: public')}${route('signed', 'tellName: true\n    allow: players-and-guests')}${route('kept', 'signIn: public\n    cache: { store: memory }')}\n`;
}

/** Caddy as its manual shows it; it keeps connections to the upstream by itself. */
async function startCaddyRelay({
  folder,
  port,
  upstreamPort,
  certificate,
  key,
}: Parameters<typeof startNginxRelay>[0]): Promise<Relay> {
  const file = join(folder, 'Caddyfile');
  writeFileSync(
    file,
    `{
  admin off
  auto_https off
  storage file_system ${join(folder, 'caddy')}
}
https://localhost:${port} {
  bind 127.0.0.1
  tls ${certificate} ${key}
  reverse_proxy 127.0.0.1:${upstreamPort}
}
`,
  );
  const args = ['run', '--config', file, '--adapter', 'caddyfile'];
  const caddy = await launch({ folder }, { port, command: 'caddy', args });
  return { pids: caddy.pids(), stop: caddy.stop };
}

interface RelayOptions {
  readonly place: Place;
  readonly load: HttpLoad;
  readonly token?: string | undefined;
  readonly origin: string;
  pids(): readonly number[];
  stop(): Promise<void>;
}

class RelaySubject implements Subject {
  readonly #options: RelayOptions;
  readonly #pool: Pool;

  constructor(options: RelayOptions) {
    this.#options = options;
    const { origin, load, place } = options;
    const { connections = 16 } = load;
    this.#pool = new Pool(origin, { connections, pipelining: 1, connect: { ca: readFileSync(place.ca) } });
  }

  pids(): readonly number[] {
    return this.#options.pids();
  }

  async round({ milliseconds, measured }: Round) {
    const { load, token } = this.#options;
    const { connections = 16, path } = load;
    const latencies: number[] = [];
    await ask(this.#pool, { path, token });
    await measured(async () => {
      const end = performance.now() + milliseconds;
      const oneAfterAnother = async () => {
        while (performance.now() < end) {
          const started = performance.now();
          await ask(this.#pool, { path, token });
          latencies.push(performance.now() - started);
        }
      };
      await Promise.all(Array.from({ length: connections }, oneAfterAnother));
    });
    return { operations: latencies.length, latencies };
  }

  async stop(): Promise<void> {
    await this.#pool.destroy();
    await this.#options.stop();
  }
}

function ask(
  pool: Dispatcher,
  { path, token }: { readonly path: string; readonly token?: string | undefined },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    pool.dispatch(
      { path, method: 'GET', headers },
      {
        onRequestStart: () => {},
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`${path} was answered with ${status}`));
        },
        onResponseData: () => {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}
