/** Players as programs: the project's own SDK against a running Castling, and a script that plays a match to its end. */
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient } from '../../src/client/auth-client.ts';
import { nodeDial } from '../../src/client/cli/node-dial.ts';
import { Connection } from '../../src/client/connection.ts';
import type { Match } from '../../src/client/match.ts';
import type { Dial } from '../../src/client/transport.ts';
import type { MatchEvent } from '../../src/protocol/player-messages.ts';
import type { RunningCastling } from './castling.ts';

export interface Player {
  readonly name: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly connection: Connection;
}

/** What one observer saw of one event: enough to compare with the log and with every other observer. */
export interface Seen {
  readonly seq: number;
  readonly type: string;
  readonly seat?: number;
  readonly move?: unknown;
}

export function trust({ ca }: Pick<RunningCastling, 'ca'>): void {
  setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(ca, 'utf8')]);
}

/** Registers a new player and connects. `url` differs from the server's own when something stands in between. */
export async function registerPlayer(
  castling: Pick<RunningCastling, 'url' | 'ca'>,
  {
    name,
    password = 'correct horse battery',
    dial = nodeDial,
  }: { readonly name: string; readonly password?: string; readonly dial?: Dial },
): Promise<Player> {
  trust(castling);
  const grant = await new AuthClient(new AccountHttp({ origin: castling.url })).register({ name, password });
  const { accessToken, refreshToken } = grant;
  return connectPlayer(castling, { name, accessToken, refreshToken, dial });
}

async function connectPlayer(
  castling: Pick<RunningCastling, 'url'>,
  { name, accessToken, refreshToken, dial }: Omit<Player, 'connection'> & { readonly dial: Dial },
): Promise<Player> {
  const connection = new Connection({
    url: `${castling.url.replace('https:', 'wss:')}/play`,
    tokens: { accessToken: async () => ({ token: accessToken, expiresAt: Date.now() + 500_000 }) },
    dial,
  });
  await connection.opened({ attempts: 3 });
  return { name, accessToken, refreshToken, connection };
}

/** Plays one's seat to the end of the match: the `turn`-th own move is `choose(board)`; resolves when the match is over. */
export async function playToTheEnd(
  match: Match,
  choose: (board: string) => number = firstFree,
): Promise<void> {
  for await (const { state } of match.updates) {
    if (state.status === 'over') return;
    if (state.status === 'playing' && state.turn === match.seat && state.seq === match.state.seq) {
      await match.move(choose(boardOf(state.state)));
      if (match.state.status === 'over') return;
    }
  }
}

export function boardOf(state: unknown): string {
  if (typeof state === 'object' && state !== null && 'board' in state) return String(state.board);
  throw new Error(`This is no tic-tac-toe state: ${JSON.stringify(state)}`);
}

export function firstFree(board: string): number {
  return board.indexOf('_');
}

export function seenFrom(event: MatchEvent): Seen {
  const { seq, type } = event;
  return {
    seq,
    type,
    ...('seat' in event && { seat: event.seat }),
    ...('move' in event && { move: event.move }),
  };
}

/** Collects every event of a match as one observer sees them; `seen` grows while the match goes on. */
export function observe(match: Match): { readonly seen: Seen[]; readonly over: Promise<void> } {
  const seen: Seen[] = [];
  const over = (async () => {
    for await (const update of match.updates) {
      if (update.kind !== 'event') continue;
      seen.push(seenFrom(update.event));
      if (update.event.type === 'ended') return;
    }
  })();
  return { seen, over };
}
