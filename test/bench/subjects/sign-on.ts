import { readFileSync } from 'node:fs';
import type { Bench, Done, Round, Subject } from '../harness/bench.ts';
import { JsonPlayer } from '../load/json-player.ts';
import { WsClient, type WsClientOptions } from '../load/ws-client.ts';
import { startBenchCastling } from './castling.ts';
import { startHaproxy, startNginx, startServer, together } from './programs.ts';

type Starter = Bench['subjects'][string];

/** Who sign on at the same time. */
const atOnce = 16;
const accounts = 64;

export interface SignOnOptions {
  /** With a TLS session of an earlier connection, or a full handshake each time. */
  readonly isResumed: boolean;
}

/** Handshake, upgrade, and the token checked: until the server has said that the player is signed in. */
export function castlingSignOn(options: SignOnOptions): Starter {
  return async (place) => {
    const castling = await startBenchCastling(place);
    const tokens = await castling.tokens(accounts);
    let next = 0;
    const open = async (connection: Partial<WsClientOptions>) => {
      next += 1;
      const client = await WsClient.open({
        port: castling.port,
        ca: readFileSync(place.ca),
        path: '/play',
        protocol: 'castling.v1',
        headers: { Authorization: `Bearer ${tokens[next % accounts]}` },
        ...connection,
      });
      await new JsonPlayer(client).answerTo(0);
      return client;
    };
    const stop = () => castling[Symbol.asyncDispose]();
    return new SignOnSubject({ pids: castling.pids, stop, open, ...options });
  };
}

export const haproxySignOn = (options: SignOnOptions): Starter => behind(startHaproxy, options);
export const nginxSignOn = (options: SignOnOptions): Starter => behind(startNginx, options);

/** Handshake and upgrade; nobody asks who it is. */
function behind(startProxy: typeof startHaproxy, options: SignOnOptions): Starter {
  return async (place) => {
    const backend = await startServer(place, { file: 'ws-backend.ts' });
    const server = together(await startProxy(place, { upstreamPort: backend.port }), backend);
    const ca = readFileSync(place.ca);
    let next = 0;
    const open = (connection: Partial<WsClientOptions>) => {
      next += 1;
      return WsClient.open({ port: server.port, ca, path: `/play?table=${next}&seat=0`, ...connection });
    };
    return new SignOnSubject({ ...server, open, ...options });
  };
}

interface SignOnParts extends SignOnOptions, Pick<Subject, 'pids' | 'stop'> {
  open(connection: Partial<WsClientOptions>): Promise<WsClient>;
}

class SignOnSubject implements Subject {
  readonly #parts: SignOnParts;

  constructor(parts: SignOnParts) {
    this.#parts = parts;
  }

  pids(): readonly number[] {
    return this.#parts.pids();
  }

  async round({ milliseconds, measured }: Round): Promise<Done> {
    const { open, isResumed } = this.#parts;
    const latencies: number[] = [];
    await measured(async () => {
      const end = performance.now() + milliseconds;
      const player = async () => {
        let session: Buffer | undefined;
        while (performance.now() < end) {
          const started = performance.now();
          const client = await open(session === undefined ? {} : { session });
          latencies.push(performance.now() - started);
          if (session !== undefined && !client.socket.isSessionReused()) {
            throw new Error('The server did not resume the TLS session.');
          }
          session = isResumed ? (client.session ?? session) : undefined;
          client.close();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, player));
    });
    return { operations: latencies.length, latencies };
  }

  stop(): Promise<void> {
    return this.#parts.stop();
  }
}
