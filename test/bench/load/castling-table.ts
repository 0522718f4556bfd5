import { readFileSync } from 'node:fs';
import { JsonPlayer } from './json-player.ts';
import type { Moved, Table, TableMove } from './table.ts';

/** Events before the first move: created, joined twice, started. */
const eventsBefore = 4;

let commands = 0;
const commandId = () => `c_${String(++commands).padStart(10, '0')}`;

/** One signed-in socket at Castling. */
export async function openCastlingPlayer({
  port,
  ca,
  token,
}: {
  readonly port: number;
  readonly ca: string;
  readonly token: string;
}): Promise<JsonPlayer> {
  const player = await JsonPlayer.open({
    port,
    ca: readFileSync(ca),
    path: '/play',
    protocol: 'castling.v1',
    headers: { Authorization: `Bearer ${token}` },
  });
  await player.answerTo(0);
  return player;
}

function call(player: JsonPlayer, method: string, params: object): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ ...params, commandId: commandId() });
  return player.ask((id) => `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${body}}`);
}

/** Two of them, who create and join matches. */
export function castlingTable(
  host: JsonPlayer,
  guest: JsonPlayer,
  { visibility = 'private' }: { readonly visibility?: 'public' | 'private' } = {},
): Table & { readonly matches: readonly string[] } {
  const matches: string[] = [];
  return {
    matches,
    async prepare(count) {
      const made = Array.from({ length: count }, async () => {
        const { match, code } = await call(host, 'match.create', { game: 'tic-tac-toe', visibility });
        await call(guest, 'match.join', code === undefined ? { match } : { code });
        return String(match);
      });
      matches.push(...(await Promise.all(made)));
    },
    move: ({ match, turn, square }: TableMove): Moved => {
      const [mover, other] = turn % 2 === 0 ? [host, guest] : [guest, host];
      const seen = new Promise<void>((resolve) => {
        other.onEvent = ({ params }) => {
          if ((params as { type?: string }).type === 'moved') resolve();
        };
      });
      const params = { match: matches[match], seq: eventsBefore + 1 + turn, move: square };
      return { answered: call(mover, 'match.move', params), seen };
    },
    async clear() {
      const left = matches.splice(0);
      await Promise.all(
        left.flatMap((match) => [host, guest].map((player) => player.ask((id) => unwatch(id, match)))),
      );
    },
    close: () => {
      for (const { client } of [host, guest]) client.close();
    },
  };
}

function unwatch(id: number, match: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'match.unwatch', params: { match } });
}
