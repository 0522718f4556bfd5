/** boardgame.io's own client. That it is served below a path, it learns from the address of the page. */
import { Client } from 'boardgame.io/client';
import { SocketIO } from 'boardgame.io/multiplayer';
import { TicTacToe } from './game.js';

const asked = new URLSearchParams(location.search);
const matchID = asked.get('match') ?? 'first';
const playerID = asked.get('seat') === '1' ? '1' : '0';
const byId = (id) => document.getElementById(id);

const client = Client({
  game: TicTacToe,
  multiplayer: SocketIO({ socketOpts: { path: new URL('socket.io', location.href).pathname } }),
  matchID,
  playerID,
  debug: false,
});

const cells = TicTacToe.setup().cells.map((_, cell) => {
  const button = document.createElement('button');
  button.setAttribute('aria-label', `Square ${cell + 1}`);
  button.addEventListener('click', () => client.moves.clickCell(cell));
  byId('board').append(button);
  return button;
});

client.subscribe((state) => {
  if (state === null) return;
  const { G, ctx } = state;
  cells.forEach((button, cell) => {
    button.textContent = G.cells[cell] === null ? '' : 'XO'[Number(G.cells[cell])];
  });
  byId('status').textContent = statusOf(ctx, state.isConnected);
});
client.start();
byId('match').textContent = matchID;

const me = await (await fetch('me')).json();
byId('who').textContent = `The game server knows you as ${me.name} (${me.player}).`;

function statusOf({ gameover, currentPlayer }, isConnected) {
  if (gameover?.draw) return 'A draw.';
  if (gameover !== undefined) return gameover.winner === playerID ? 'You have won.' : 'You have lost.';
  if (!isConnected) return 'Connecting…';
  return currentPlayer === playerID ? 'Your turn.' : 'Waiting for the other player.';
}
