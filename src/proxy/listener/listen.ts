import type { Server } from 'node:net';
import { explainSystemError } from '../../process/explain-system-error.ts';

export interface ListenAt {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** An open descriptor that is bound to this address already; it is used in place of a new one. */
  readonly fd?: number;
  /** The flag that moves the port. */
  readonly flag: string;
}

/** Connections that may wait to be accepted; the system may allow fewer (`net.core.somaxconn`). */
const backlog = 1024;

/** Listens. @throws OperatorError `port_taken`, … naming the flag. */
export async function listen(server: Server, { host, port, fd, flag }: ListenAt): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(fd === undefined ? { host, port, backlog } : { fd, backlog }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw explainSystemError(error, { doing: 'listen', host, port, flag }) ?? error;
  }
}
