import { readFileSync } from 'node:fs';
import type { Bench, Done, Round, Subject } from '../harness/bench.ts';
import type { Place } from '../harness/place.ts';
import { castlingTable, openCastlingPlayer } from '../load/castling-table.ts';
import { ColyseusClient } from '../load/colyseus-client.ts';
import type { JsonPlayer } from '../load/json-player.ts';
import { openSocketio } from '../load/socketio-client.ts';
import { movesOf } from '../load/table.ts';
import { startBenchCastling } from './castling.ts';
import { startPeerServer } from './programs.ts';

type Starter = Bench['subjects'][string];

/** Sockets that are opened at once. */
const openingAtOnce = 16;
/** About as long as Castling’s event of a move. */
const sample = JSON.stringify({
  match: 'm_0123456789abcdef',
  seq: 5,
  at: 1_795_000_000_000,
  type: 'moved',
  commandId: 'c_0000000001',
  seat: 0,
  move: 4,
  state: { board: '____X____' },
  turn: 1,
});

/** How one event goes out, and who tells that it has come. */
interface Audience {
  /** Sends one event; calls `arrived` for each socket that gets it. */
  send(arrived: () => void): void;
  /** Makes ready for so many events, where that needs more than being there. */
  prepare?(): Promise<void>;
  /** Events that can be sent before the next `prepare`. */
  readonly events: number;
}

/** Two players, and spectators who watch one match after another. */
export function castlingWatchers(spectators: number): Starter {
  return async (place) => {
    const castling = await startBenchCastling(place);
    const { port, ca } = castling;
    const tokens = await castling.tokens(spectators + 2);
    const sockets = await openAll(spectators + 2, (number) =>
      openCastlingPlayer({ port, ca, token: tokens[number] ?? '' }),
    );
    const [host, guest, ...watchers] = sockets as [JsonPlayer, JsonPlayer, ...JsonPlayer[]];
    const table = castlingTable(host, guest, { visibility: 'public' });
    let arrived = () => {};
    let moves = movesOf(1);
    for (const watcher of watchers) {
      const take = watcher.client.onMessage;
      watcher.client.onMessage = (payload) => {
        if (payload.includes('"type":"moved"')) arrived();
        else take(payload);
      };
    }
    const audience: Audience = {
      events: 9,
      async prepare() {
        await table.clear?.();
        await table.prepare(1);
        const [match] = table.matches;
        await openAll(watchers.length, async (number) => {
          await (watchers[number] as JsonPlayer).ask((id) =>
            JSON.stringify({ jsonrpc: '2.0', id, method: 'match.watch', params: { match } }),
          );
        });
        moves = movesOf(1);
      },
      send(told) {
        arrived = told;
        const move = moves.next().value;
        if (move === undefined) throw new Error('The match is over.');
        const { answered, seen } = table.move(move);
        void answered.then(told);
        void seen.then(told);
      },
    };
    const close = () => {
      for (const { client } of sockets) client.close();
    };
    return new WatchedSubject(audience, {
      receivers: spectators + 2,
      pids: castling.pids,
      async stop() {
        close();
        await castling[Symbol.asyncDispose]();
      },
    });
  };
}

export function colyseusWatchers(spectators: number): Starter {
  return async (place) => {
    const server = await startPeerServer(place, { file: 'colyseus-server.ts' });
    const ca = readFileSync(place.ca);
    const clients = await openAll(spectators + 2, () =>
      ColyseusClient.join({ port: server.port, ca, room: 'audience', options: {} }),
    );
    let arrived = () => {};
    for (const client of clients) client.onMessage = () => arrived();
    const text = Buffer.from(sample);
    return new WatchedSubject(
      {
        events: 9,
        send(told) {
          arrived = told;
          // A string of up to 65,535 bytes in MessagePack.
          clients[0]?.send('event', [0xda, text.length >> 8, text.length & 0xff, ...text]);
        },
      },
      {
        receivers: clients.length,
        pids: server.pids,
        async stop() {
          for (const client of clients) client.close();
          await server.stop();
        },
      },
    );
  };
}

export function socketioWatchers(spectators: number): Starter {
  return async (place: Place) => {
    const server = await startPeerServer(place, { file: 'socketio-server.ts' });
    const ca = readFileSync(place.ca);
    const clients = await openAll(spectators + 2, () => openSocketio({ port: server.port, ca }));
    let arrived = () => {};
    for (const client of clients) client.onEvent = () => arrived();
    return new WatchedSubject(
      {
        events: 9,
        send(told) {
          arrived = told;
          clients[0]?.emit(`["event",${sample}]`);
        },
      },
      {
        receivers: clients.length,
        pids: server.pids,
        async stop() {
          for (const client of clients) client.close();
          await server.stop();
        },
      },
    );
  };
}

interface WatchedOptions extends Pick<Subject, 'pids' | 'stop'> {
  readonly receivers: number;
}

class WatchedSubject implements Subject {
  readonly #audience: Audience;
  readonly #options: WatchedOptions;

  constructor(audience: Audience, options: WatchedOptions) {
    this.#audience = audience;
    this.#options = options;
  }

  pids(): readonly number[] {
    return this.#options.pids();
  }

  async round({ milliseconds, measured }: Round): Promise<Done> {
    const { receivers } = this.#options;
    const latencies: number[] = [];
    for (let spent = 0; spent < milliseconds; ) {
      await this.#audience.prepare?.();
      const before = performance.now();
      await measured(async () => {
        for (let event = 0; event < this.#audience.events; event += 1) latencies.push(await this.#tellAll());
      });
      spent += performance.now() - before;
    }
    return { operations: latencies.length * receivers, latencies };
  }

  stop(): Promise<void> {
    return this.#options.stop();
  }

  /** Milliseconds until the last one had it. */
  #tellAll(): Promise<number> {
    const started = performance.now();
    let left = this.#options.receivers;
    return new Promise((resolve) => {
      this.#audience.send(() => {
        left -= 1;
        if (left === 0) resolve(performance.now() - started);
      });
    });
  }
}

async function openAll<Each>(count: number, open: (number: number) => Promise<Each>): Promise<Each[]> {
  const all: Each[] = [];
  let next = 0;
  const opener = async () => {
    while (next < count) {
      const number = next++;
      all[number] = await open(number);
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, opener));
  return all;
}
