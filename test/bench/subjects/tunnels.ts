/** Subjects for benches about `tcp` routes: something that carries TCP over TLS to one program that echoes. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliProcess, runCli } from '../../support/cli-process.ts';
import { freePorts } from '../../support/free-ports.ts';
import type { Bench, Done, Round, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { processTree } from '../harness/processes.ts';
import { type BytePipe, openTcpPipe, openTlsPipe, openTunnelPipe } from '../load/byte-pipe.ts';
import { type BenchCastling, startBenchCastling } from './castling.ts';
import { launch, type Program, startServer, together } from './programs.ts';

/** What the pipes of a subject do in a round. */
export type TunnelLoad = (pipes: readonly BytePipe[], round: Round) => Promise<Done>;

type Starter = Bench['subjects'][string];

const mostPipes = 16;
const route = 'echo';

/** The proxy alone: a program that speaks the tunnel's protocol itself. */
export function castlingTunnel(load: TunnelLoad): Starter {
  return async (place) => {
    const { echo, castling } = await startCastlingBefore(place);
    const [token = ''] = await castling.tokens(1);
    const ca = readFileSync(place.ca);
    return new TunnelSubject(load, {
      open: () => openTunnelPipe({ port: castling.port, ca, route, token }),
      pids: () => edgeOf(castling),
      stop: async () => {
        await castling[Symbol.asyncDispose]();
        await echo.stop();
      },
    });
  };
}

/** An unmodified client through `castling tunnel`, which is counted, too. */
export function castlingAtBothEnds(load: TunnelLoad): Starter {
  return async (place) => {
    const { echo, castling } = await startCastlingBefore(place);
    const cli = { home: mkdtempSync(join(place.folder, 'home-')), url: castling.url, ca: castling.ca };
    await runCli(['register', 'bench', '--password-stdin'], { ...cli, input: 'correct horse battery\n' });
    const near = new CliProcess(['tunnel', route, '--listen', '0', '--json'], cli);
    const [line] = await near.sees(/.*"listening".*/);
    const port = Number((JSON.parse(line) as { address: string }).address.split(':')[1]);
    return new TunnelSubject(load, {
      open: () => openTcpPipe({ port }),
      pids: () => [...edgeOf(castling), ...processTree(near.child.pid ?? 0)],
      stop: async () => {
        near.child.kill('SIGTERM');
        await near.done;
        await castling[Symbol.asyncDispose]();
        await echo.stop();
      },
    });
  };
}

export function haproxyTunnel(load: TunnelLoad): Starter {
  return behind(load, { start: startHaproxyTcp, open: openTlsPipe });
}

export function stunnelTunnel(load: TunnelLoad): Starter {
  return behind(load, { start: startStunnel, open: openTlsPipe });
}

/** An unmodified client through stunnel at its side, too. */
export function stunnelAtBothEnds(load: TunnelLoad): Starter {
  return behind(load, {
    start: async (place, upstreamPort) => {
      const far = await startStunnel(place, upstreamPort);
      return together(await startStunnel(place, far.port, { isClient: true }), far);
    },
    open: openTcpPipe,
  });
}

/** The echo itself, to tell what is added to it. Its CPU is the program's own. */
export function noTunnel(load: TunnelLoad): Starter {
  return async (place) => {
    const echo = await startServer(place, { file: 'echo-server.ts' });
    return new TunnelSubject(load, {
      open: () => openTcpPipe(echo),
      pids: () => echo.pids(),
      stop: () => echo.stop(),
    });
  };
}

async function startCastlingBefore(place: Place): Promise<{ echo: Program; castling: BenchCastling }> {
  const echo = await startServer(place, { file: 'echo-server.ts' });
  const more = `
routes:
  - name: ${route}
    kind: tcp
    upstreams: [{ address: 127.0.0.1:${echo.port} }]
    allow: players-and-guests
    limits: { tunnelsPerPlayer: ${mostPipes} }
`;
  return { echo, castling: await startBenchCastling(place, { more }) };
}

/** The backend of games has no part in it. */
function edgeOf(castling: BenchCastling): number[] {
  const backend = castling.pidOf('backend');
  return castling.pids().filter((pid) => pid !== backend);
}

function behind(
  load: TunnelLoad,
  by: {
    readonly start: (place: Place, upstreamPort: number) => Promise<Program>;
    readonly open: (at: { port: number; ca: Buffer }) => Promise<BytePipe>;
  },
): Starter {
  return async (place) => {
    const echo = await startServer(place, { file: 'echo-server.ts' });
    const relay = await by.start(place, echo.port);
    const ca = readFileSync(place.ca);
    return new TunnelSubject(load, {
      open: () => by.open({ port: relay.port, ca }),
      pids: () => relay.pids(),
      stop: async () => {
        await relay.stop();
        await echo.stop();
      },
    });
  };
}

async function startHaproxyTcp(place: Place, upstreamPort: number): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const file = join(place.folder, `haproxy-tcp-${port}.cfg`);
  writeFileSync(
    file,
    `global
  ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend edge
  bind 127.0.0.1:${port} ssl crt ${place.pem}
  default_backend programs
backend programs
  server program 127.0.0.1:${upstreamPort}
`,
  );
  return await launch(place, { port, command: 'haproxy', args: ['-db', '-f', file] });
}

async function startStunnel(
  place: Place,
  connectTo: number,
  { isClient = false }: { readonly isClient?: boolean } = {},
): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const file = join(place.folder, `stunnel-${port}.conf`);
  const side = isClient
    ? `client = yes\nCAfile = ${place.ca}\nverifyChain = yes\ncheckHost = localhost`
    : `cert = ${place.pem}`;
  writeFileSync(
    file,
    `foreground = quiet
pid =
debug = warning
sslVersionMin = TLSv1.2
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
[edge]
accept = 127.0.0.1:${port}
connect = 127.0.0.1:${connectTo}
${side}
`,
  );
  return await launch(place, { port, command: 'stunnel4', args: [file] });
}

interface TunnelEnds {
  open(): Promise<BytePipe>;
  pids(): readonly number[];
  stop(): Promise<void>;
}

class TunnelSubject implements Subject {
  readonly #load: TunnelLoad;
  readonly #ends: TunnelEnds;
  /** Kept over all rounds: what a thread had that is over would not be counted. */
  #pipes: BytePipe[] = [];

  constructor(load: TunnelLoad, ends: TunnelEnds) {
    this.#load = load;
    this.#ends = ends;
  }

  pids(): readonly number[] {
    return this.#ends.pids();
  }

  async round(round: Round): Promise<Done> {
    while (this.#pipes.length < mostPipes) this.#pipes.push(await this.#ends.open());
    return await this.#load(this.#pipes, round);
  }

  async stop(): Promise<void> {
    for (const pipe of this.#pipes) pipe.close();
    await this.#ends.stop();
  }
}
