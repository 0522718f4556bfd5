import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { tunnelPath, tunnelSubprotocol } from '../../../src/protocol/tunnel.ts';
import { WsClient } from './ws-client.ts';

/** Both directions of one TCP connection, however it gets to the other side. */
export interface BytePipe {
  /** 65,535 bytes at most. */
  send(bytes: Buffer): void;
  onBytes: (bytes: Buffer) => void;
  close(): void;
}

export interface PipePlace {
  readonly port: number;
  readonly ca: Buffer;
}

export async function openTcpPipe({ port }: Pick<PipePlace, 'port'>): Promise<BytePipe> {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return pipeOf(socket);
}

export async function openTlsPipe({ port, ca }: PipePlace): Promise<BytePipe> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return pipeOf(socket);
}

/** A tunnel without the command line, as `src/protocol/TUNNEL.md` has it. What is sent must not begin with `{`. */
export async function openTunnelPipe({
  route,
  token,
  ...place
}: PipePlace & { readonly route: string; readonly token: string }): Promise<BytePipe> {
  const client = await WsClient.open({
    ...place,
    path: `${tunnelPath}${route}`,
    protocol: tunnelSubprotocol,
    headers: { authorization: `Bearer ${token}` },
  });
  const pipe: BytePipe = {
    send: (bytes) => client.send(bytes),
    onBytes: () => {},
    close: () => client.close(),
  };
  await new Promise<void>((resolve, reject) => {
    client.onClose = () => reject(new Error('The tunnel was closed before it was open.'));
    client.onMessage = (payload) => {
      // The client does not tell text from bytes; all text is JSON.
      if (payload[0] !== brace) pipe.onBytes(payload);
      else if (payload.includes('"id":0')) resolve();
    };
  });
  return pipe;
}

const brace = '{'.charCodeAt(0);

function pipeOf(socket: Duplex): BytePipe {
  const pipe: BytePipe = {
    send: (bytes) => void socket.write(bytes),
    onBytes: () => {},
    close: () => void socket.destroy(),
  };
  socket.on('data', (chunk: Buffer) => pipe.onBytes(chunk));
  socket.on('error', () => socket.destroy());
  return pipe;
}
