/** Ends the sessions of many players at once, and measures when the last socket of each has heard of it. */
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { closings } from '../../src/protocol/closings.ts';
import type { PlayerId } from '../../src/protocol/ids.ts';
import type { ProxyPlayer } from './proxy-player.ts';
import { SessionProxies } from './session-proxies.ts';

export interface RevokeToClose {
  /** Milliseconds from the act to the close as the client sees it, for each socket of an ended session. */
  readonly sorted: readonly number[];
  /** Sockets of a session that did not end, still open at the end. */
  readonly stayed: number;
  readonly closedWrongly: number;
}

/** TLS handshakes under way at once. */
const openingAtOnce = 40;

/** Sockets are spread evenly over two proxies; each player has one session. One more player stays signed in. */
export async function revokeToClose({
  players,
  socketsOfPlayer,
}: {
  readonly players: number;
  readonly socketsOfPlayer: number;
}): Promise<RevokeToClose> {
  await using proxies = await SessionProxies.start();
  const accounts: TokenAnswer[][] = [];
  for (let index = 0; index <= players; index += 1) {
    const body = { name: `player${index}`, password: 'correct horse' };
    const first: TokenAnswer = (await proxies.accounts.post('/auth/register', body)).json();
    const second: TokenAnswer = (await proxies.accounts.post('/auth/login', body)).json();
    accounts.push([first, second]);
  }
  const sockets: ProxyPlayer[][] = accounts.map(() => []);
  const wanted = accounts.flatMap((sessions, owner) =>
    Array.from({ length: socketsOfPlayer }, (_, index) => ({
      owner,
      proxy: index % 2,
      token: sessions[(index >> 1) % 2]?.access_token ?? '',
    })),
  );
  await Promise.all(
    Array.from({ length: openingAtOnce }, async () => {
      for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
        sockets[next.owner]?.push(await proxies.signedIn(next.proxy, next.token));
      }
    }),
  );
  const staying = sockets.pop() ?? [];
  accounts.pop();

  const measured: Promise<number>[] = [];
  let closedWrongly = 0;
  for (const [owner, [account]] of accounts.entries()) {
    const start = performance.now();
    for (const socket of sockets[owner] ?? []) {
      measured.push(
        socket.closed.then(({ code }) => {
          if (code !== closings.banned.code) closedWrongly += 1;
          return performance.now() - start;
        }),
      );
    }
    await proxies.operator.ban(account?.player as PlayerId, { reason: 'measured', until: undefined });
  }
  const sorted = (await Promise.all(measured)).toSorted((one, other) => one - other);
  const stayed = staying.filter(({ isClosed }) => !isClosed).length;
  return { sorted, stayed, closedWrongly };
}
