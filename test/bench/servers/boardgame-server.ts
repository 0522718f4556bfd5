/**
 * Tic-tac-toe on boardgame.io: TLS, its storage in memory, no accounts.
 * Arguments: PORT CERT KEY LOBBYPORT.
 */
import { readFileSync } from 'node:fs';
import { ticTacToe } from '../../../src/game/rules/tic-tac-toe.ts';
import { peerModule } from './peer-modules.ts';

interface Turn {
  readonly G: { board: string };
  readonly playerID: string;
}

const { Server } = peerModule<{
  Server: (options: object) => { run(options: object): Promise<unknown> };
}>('boardgame.io/server');
const { INVALID_MOVE } = peerModule<{ INVALID_MOVE: string }>('boardgame.io/core');

const game = {
  name: 'tic-tac-toe',
  setup: () => ticTacToe.start() as unknown as { board: string },
  turn: { minMoves: 1, maxMoves: 1 },
  moves: {
    place({ G, playerID }: Turn, square: unknown) {
      const parsed = ticTacToe.parse(square as never);
      if (!('move' in parsed)) return INVALID_MOVE;
      const result = ticTacToe.play({ state: { ...G } as never, seat: Number(playerID), move: parsed.move });
      return 'state' in result ? result.state : INVALID_MOVE;
    },
  },
  endIf: ({ G }: Pick<Turn, 'G'>) => ticTacToe.outcome(G as never) ?? undefined,
};

const [port, cert = '', key = '', lobbyPort] = process.argv.slice(2);
const server = Server({
  games: [game],
  origins: ['https://localhost'],
  https: { cert: readFileSync(cert), key: readFileSync(key) },
});
await server.run({ port: Number(port), lobbyConfig: { apiPort: Number(lobbyPort) } });
