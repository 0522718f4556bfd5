import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Moved, Table, TableMove } from './table.ts';
import { WsClient } from './ws-client.ts';

const namespace = '/tic-tac-toe';

/** Two players at boardgame.io, by socket.io (Engine.IO 4 over WebSocket: one digit for the packet, one for the message). */
export async function openBoardgameTable({
  port,
  ca,
}: {
  readonly port: number;
  readonly ca: string;
}): Promise<Table> {
  const authority = readFileSync(ca);
  const players = [await openPlayer(port, authority), await openPlayer(port, authority)] as const;
  let match = '';
  return {
    async prepare() {
      match = randomUUID();
      for (const [seat, player] of players.entries()) {
        const synced = player.next('sync');
        player.emit(['sync', match, String(seat), null, 2]);
        await synced;
      }
    },
    // A socket is in one match.
    matchesMost: 1,
    move: ({ turn, square }: TableMove): Moved => {
      const seat = turn % 2;
      const [mover, other] = seat === 0 ? players : ([players[1], players[0]] as const);
      const playerID = String(seat);
      const payload = { type: 'place', args: [square], playerID, credentials: null };
      const moved = { answered: mover.next('update'), seen: other.next('update') };
      mover.emit(['update', { type: 'MAKE_MOVE', payload }, mover.state(), match, playerID]);
      return moved;
    },
    close: () => {
      for (const player of players) player.close();
    },
  };
}

async function openPlayer(port: number, ca: Buffer) {
  const client = await WsClient.open({ port, ca, path: '/socket.io/?EIO=4&transport=websocket' });
  let wanted: { readonly name: string; readonly resolve: () => void } | undefined;
  let state = 0;
  const joined = new Promise<void>((resolve) => {
    client.onMessage = (payload) => {
      const text = payload.toString();
      if (text === '2') client.send('3');
      else if (text.startsWith('0')) client.send(`40${namespace},`);
      else if (text.startsWith('40')) resolve();
      else if (text.startsWith('42')) {
        if (wanted === undefined || !text.startsWith(`42${namespace},["${wanted.name}"`)) return;
        const found = /"_stateID":(\d+)/.exec(text);
        state = Number(found?.[1] ?? state);
        const { resolve: done } = wanted;
        wanted = undefined;
        done();
      }
    };
  });
  await joined;
  return {
    state: () => state,
    emit: (event: readonly unknown[]) => client.send(`42${namespace},${JSON.stringify(event)}`),
    next: (name: string) =>
      new Promise<void>((resolve) => {
        wanted = { name, resolve };
      }),
    close: () => client.close(),
  };
}
