import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Done, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { memoryBytes } from '../harness/processes.ts';
import { openCastlingPlayer } from '../load/castling-table.ts';
import { WsClient } from '../load/ws-client.ts';
import { startBenchCastling } from './castling.ts';
import { type Program, startHaproxy, startNginx, startServer, together } from './programs.ts';

type Starter = Bench['subjects'][string];

/** Handshakes under way at once. */
const openingAtOnce = 16;
/** For buffers of handshakes to be given back. */
const settleMs = 5_000;

export function castlingIdle(sockets: number): Starter {
  return async (place) => {
    const castling = await startBenchCastling(place);
    const tokens = await castling.tokens(sockets);
    const { port, ca } = castling;
    return new IdleSubject(
      { pids: castling.pids, stop: () => castling[Symbol.asyncDispose]() },
      async (number) => (await openCastlingPlayer({ port, ca, token: tokens[number] ?? '' })).client,
      sockets,
    );
  };
}

export const haproxyIdle = (sockets: number): Starter => behind(startHaproxy, sockets);
export const nginxIdle = (sockets: number): Starter => behind(startNginx, sockets);

function behind(
  startProxy: (place: Place, upstream: { upstreamPort: number }) => Promise<Program>,
  sockets: number,
): Starter {
  return async (place) => {
    const backend = await startServer(place, { file: 'ws-backend.ts' });
    const proxy = await startProxy(place, { upstreamPort: backend.port });
    const ca = readFileSync(place.ca);
    const open = (number: number) =>
      WsClient.open({ port: proxy.port, ca, path: `/play?table=${number}&seat=0` });
    return new IdleSubject(together(proxy, backend), open, sockets);
  };
}

class IdleSubject implements Subject {
  readonly #server: Pick<Subject, 'pids' | 'stop'>;
  readonly #open: (number: number) => Promise<WsClient>;
  readonly #sockets: number;
  #clients: WsClient[] = [];

  constructor(
    server: Pick<Subject, 'pids' | 'stop'>,
    open: (number: number) => Promise<WsClient>,
    sockets: number,
  ) {
    this.#server = server;
    this.#open = open;
    this.#sockets = sockets;
  }

  pids(): readonly number[] {
    return this.#server.pids();
  }

  async round(): Promise<Done> {
    const before = memoryBytes(this.pids());
    let open = 0;
    let number = 0;
    const opener = async () => {
      while (number < this.#sockets) {
        const client = await this.#open(number++);
        open += 1;
        client.onClose = () => {
          open -= 1;
        };
        this.#clients.push(client);
      }
    };
    await Promise.all(Array.from({ length: openingAtOnce }, opener));
    await sleep(settleMs);
    const kibibytes = (memoryBytes(this.pids()) - before) / this.#sockets / 1024;
    return { operations: 0, figures: { kibibytes, open } };
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await this.#server.stop();
  }
}
