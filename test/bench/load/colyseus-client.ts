import { request } from 'node:https';
import { WsClient } from './ws-client.ts';

/** First byte of a message (Colyseus 0.18). */
const protocol = { joinRoom: 10, roomData: 13 } as const;

interface Reservation {
  readonly roomId: string;
  readonly processId: string;
  readonly sessionId: string;
}

/** A client in a room of Colyseus: its messages by the name of their type. */
export class ColyseusClient {
  readonly #client: WsClient;
  onMessage: (type: string, payload: Buffer) => void = () => {};

  private constructor(client: WsClient) {
    this.#client = client;
  }

  static async join({
    port,
    ca,
    room,
    options,
  }: {
    readonly port: number;
    readonly ca: Buffer;
    readonly room: string;
    readonly options: object;
  }): Promise<ColyseusClient> {
    const { roomId, processId, sessionId } = await reserve({ port, ca, room, options });
    const client = await WsClient.open({ port, ca, path: `/${processId}/${roomId}?sessionId=${sessionId}` });
    const player = new ColyseusClient(client);
    await new Promise<void>((resolve) => {
      client.onMessage = (payload) => {
        if (payload[0] !== protocol.joinRoom) return;
        client.send(Uint8Array.of(protocol.joinRoom));
        resolve();
      };
    });
    client.onMessage = (payload) => {
      if (payload[0] !== protocol.roomData) return;
      // A short string in MessagePack: its length in the low five bits.
      const end = 2 + ((payload[1] as number) & 0x1f);
      player.onMessage(payload.toString('latin1', 2, end), payload.subarray(end));
    };
    return player;
  }

  /** `payload` in MessagePack. */
  send(type: string, payload: readonly number[] = []): void {
    this.#client.send(Uint8Array.of(protocol.roomData, 0xa0 | type.length, ...Buffer.from(type), ...payload));
  }

  close(): void {
    this.#client.close();
  }
}

function reserve({
  port,
  ca,
  room,
  options,
}: {
  readonly port: number;
  readonly ca: Buffer;
  readonly room: string;
  readonly options: object;
}): Promise<Reservation> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        ca,
        path: `/matchmake/joinOrCreate/${room}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      },
      async (answer) => {
        const body = Buffer.concat(await answer.toArray()).toString();
        if (answer.statusCode === 200) resolve(JSON.parse(body) as Reservation);
        else reject(new Error(`Colyseus answered ${answer.statusCode}: ${body}`));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(options));
  });
}
