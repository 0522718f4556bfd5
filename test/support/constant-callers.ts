/** Callers who connect to a server again and again, each time anew, and count what goes wrong. */
import { request } from 'node:https';
import type { RunningCastling } from './castling.ts';

export interface Calls {
  readonly answered: number;
  /** By what went wrong, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Calls from now on, so many at a time; `stop` waits for the last ones and gives the count. */
export function callConstantly(
  { port }: Pick<RunningCastling, 'port'>,
  {
    ca,
    callers,
    path = '/api/games',
  }: { readonly ca: string; readonly callers: number; readonly path?: string },
): { stop(): Promise<Calls>; readonly answered: number } {
  let answered = 0;
  let isOver = false;
  const failures: Record<string, number> = {};
  const failed = (what: string) => {
    failures[what] = (failures[what] ?? 0) + 1;
  };
  const call = () =>
    new Promise<void>((resolve) => {
      const options = {
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        path,
        ca,
        agent: false,
      };
      const sent = request(options, (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) answered += 1;
          else failed(`status ${response.statusCode}`);
          resolve();
        });
        response.once('error', (error: NodeJS.ErrnoException) => {
          failed(`answer ${error.code}`);
          resolve();
        });
      });
      sent.once('error', (error: NodeJS.ErrnoException) => {
        failed(`${error.syscall ?? 'request'} ${error.code}`);
        resolve();
      });
      sent.end();
    });
  const lines = Array.from({ length: callers }, async () => {
    while (!isOver) await call();
  });
  return {
    get answered() {
      return answered;
    },
    stop: async () => {
      isOver = true;
      await Promise.all(lines);
      return { answered, failures };
    },
  };
}

/** Settings under which callers from one address are not slowed down. */
export const unlimitedCalls = [
  'limits.address.handshakes.base.perSecond=100000',
  'limits.address.handshakes.base.burst=1000000',
  'limits.address.requests.base.perSecond=100000',
  'limits.address.requests.base.burst=1000000',
  'limits.address.connections.base=100000',
  'limits.address.strangers.base=100000',
].flatMap((setting) => ['--set', setting]);
