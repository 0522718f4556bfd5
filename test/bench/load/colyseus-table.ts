import { readFileSync } from 'node:fs';
import { ColyseusClient } from './colyseus-client.ts';
import type { Moved, Table, TableMove } from './table.ts';

export async function openColyseusTable({
  port,
  ca,
  number,
}: {
  readonly port: number;
  readonly ca: string;
  readonly number: number;
}): Promise<Table> {
  const authority = readFileSync(ca);
  const join = () => ColyseusClient.join({ port, ca: authority, room: 'table', options: { table: number } });
  const players = [await join(), await join()] as const;
  const next = (player: ColyseusClient, wanted: string) =>
    new Promise<void>((resolve, reject) => {
      player.onMessage = (type) => {
        if (type === wanted) resolve();
        else if (type === 'illegal') reject(new Error('Colyseus refused a move.'));
      };
    });
  return {
    async prepare() {
      const begun = next(players[0], 'begun');
      players[0].send('begin');
      await begun;
    },
    move: ({ turn, square }: TableMove): Moved => {
      const [mover, other] = turn % 2 === 0 ? players : ([players[1], players[0]] as const);
      const moved = { answered: next(mover, 'moved'), seen: next(other, 'moved') };
      mover.send('move', [square]);
      return moved;
    },
    close: () => {
      for (const player of players) player.close();
    },
  };
}
