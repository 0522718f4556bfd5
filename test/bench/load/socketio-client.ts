import { WsClient } from './ws-client.ts';

export interface SocketioClient {
  /** Called for each event, whatever it says. */
  onEvent: () => void;
  /** `event` is a JSON array: the name, and what goes with it. */
  emit(event: string): void;
  close(): void;
}

/** A client of socket.io by WebSocket (Engine.IO 4: one digit for the packet, one for the message). */
export async function openSocketio({
  port,
  ca,
}: {
  readonly port: number;
  readonly ca: Buffer;
}): Promise<SocketioClient> {
  const client = await WsClient.open({ port, ca, path: '/socket.io/?EIO=4&transport=websocket' });
  const socket: SocketioClient = {
    onEvent: () => {},
    emit: (event) => client.send(`42${event}`),
    close: () => client.close(),
  };
  await new Promise<void>((resolve) => {
    client.onMessage = (payload) => {
      const kind = payload.toString('latin1', 0, 2);
      if (kind === '42') socket.onEvent();
      else if (kind === '40') resolve();
      else if (kind.startsWith('0')) client.send('40');
      else if (kind.startsWith('2')) client.send('3');
    };
  });
  return socket;
}
