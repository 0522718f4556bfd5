import { readFileSync } from 'node:fs';
import { JsonPlayer } from './json-player.ts';
import type { Moved, Table, TableMove } from './table.ts';

/** Two players at `servers/ws-backend.ts` or `servers/null-server.ts`, behind whatever terminates TLS. */
export async function openPlainTable({
  port,
  ca,
  number,
}: {
  readonly port: number;
  readonly ca: string;
  readonly number: number;
}): Promise<Table> {
  const authority = readFileSync(ca);
  const open = (seat: number) =>
    JsonPlayer.open({ port, ca: authority, path: `/play?table=${number}&seat=${seat}` });
  const players = [await open(0), await open(1)] as const;
  return {
    async prepare() {
      await players[0].ask((id) => `{"id":${id},"begin":true}`);
    },
    move: ({ turn, square }: TableMove): Moved => {
      const [mover, other] = turn % 2 === 0 ? players : ([players[1], players[0]] as const);
      const seen = new Promise<void>((resolve) => {
        other.onEvent = ({ event }) => {
          if ((event as { type?: string }).type !== 'ended') resolve();
        };
      });
      return { answered: mover.ask((id) => `{"id":${id},"move":${square}}`), seen };
    },
    close: () => {
      for (const { client } of players) client.close();
    },
  };
}
