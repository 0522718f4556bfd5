/** boardgame.io's own server with the game, and the files of its page. It knows nothing of Castling but one field of requests. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { TicTacToe } from './public/game.js';

// Published for CommonJS: its folder of that name is not a module in the sense of Node.
const require = createRequire(import.meta.url);
const { Server } = require('boardgame.io/server');

const files = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/style.css', 'style.css', 'text/css; charset=utf-8'],
];

/**
 * Serves on this machine alone: whoever comes, comes through Castling.
 *
 * @param {object} options
 * @param {number} options.port 0: any that is free; the answer names it
 * @param {() => Promise<{ keys: object[] }>} options.fetchKeys the public keys of Castling
 */
export async function startGameServer({ port, fetchKeys }) {
  const server = Server({ games: [TicTacToe], origins: [] });
  // boardgame.io would listen on every address.
  server.app.listen = (wanted, done) => server.app.server.listen(wanted, '127.0.0.1', done);

  const serve = (path, type, body) =>
    server.router.get(path, (context) => {
      context.set('cache-control', 'public, max-age=300');
      context.type = type;
      context.body = body;
    });
  for (const [path, file, type] of files) {
    serve(path, type, await readFile(new URL(`public/${file}`, import.meta.url)));
  }
  serve('/client.js', 'text/javascript; charset=utf-8', await bundledClient());
  let keys;
  server.router.get('/me', async (context) => {
    keys ??= createLocalJWKSet(await fetchKeys());
    // Castling’s word for who asks: for this route, and for a minute.
    const { payload } = await jwtVerify(context.get('castling-assertion'), keys, {
      audience: 'urn:castling:route:boardgame',
      typ: 'castling-assertion+jwt',
    });
    context.set('cache-control', 'private, no-store');
    context.body = { player: payload.sub, name: payload.name };
  });

  const running = await server.run({ port });
  return { port: server.app.server.address().port, close: () => server.kill(running) };
}

/** The page's script with boardgame.io's client in it: its packages name each other as a bundler wants it. */
async function bundledClient() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('public/client.js', import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0].text;
}
