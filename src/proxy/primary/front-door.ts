import { lookup } from 'node:dns/promises';
import type { AddressInfo, Socket } from 'node:net';
import * as net from 'node:net';
import { explainSystemError } from '../../process/explain-system-error.ts';
import type { Logger } from '../../process/logger.ts';
import { listen } from '../listener/listen.ts';
import type { Accepting } from '../worker/worker-messages.ts';

/** The address that players reach. It belongs to the primary, so that it stays while workers come and go. */
export interface FrontDoor {
  readonly port: number;
  readonly accepting: Accepting;
  /** What a worker is started with in order to listen here. */
  readonly descriptor: number | undefined;
  /** Lets nobody in any more, once the workers have closed theirs. */
  close(): void;
}

export interface FrontDoorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly accepting: Accepting;
  /** Takes one connection, where they are handed to workers. */
  readonly hand: (socket: Socket) => void;
  readonly logger: Logger;
}

const flag = '--port';

/** Windows shares no descriptors, and Node before 26.4 has no bound socket that does not accept by itself. */
export const usualAccepting: Accepting =
  'BoundSocket' in net && process.platform !== 'win32' ? 'shared' : 'handed';

/** @throws OperatorError `port_taken`, … naming the flag. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  return options.accepting === 'shared' ? await openShared(options) : await openHanded(options);
}

/**
 * A socket that is bound here and listened on by the workers. What waits to be accepted waits in the socket, and not in a worker:
 * none of it is lost when a worker ends, whichever way.
 */
async function openShared({ host, port }: FrontDoorOptions): Promise<FrontDoor> {
  try {
    const { address } = await lookup(host);
    const bound = new net.BoundSocket({ host: address, port });
    return {
      port: bound.address().port,
      accepting: 'shared',
      descriptor: bound.fd(),
      close: () => bound.close(),
    };
  } catch (error) {
    throw explainSystemError(error, { doing: 'listen', host, port, flag }) ?? error;
  }
}

/** The primary accepts, and hands each connection to a worker; one on its way to a worker that dies is lost. */
async function openHanded({ host, port, hand, logger }: FrontDoorOptions): Promise<FrontDoor> {
  const server = net.createServer({ pauseOnConnect: true }, hand);
  await listen(server, { host, port, flag });
  server.on('error', (error) => logger.warn({ err: error }, 'a connection could not be accepted'));
  return {
    port: (server.address() as AddressInfo).port,
    accepting: 'handed',
    descriptor: undefined,
    close: () => server.close(),
  };
}
