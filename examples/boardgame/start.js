/** Starts the game server and Castling in front of it; Ctrl-C ends both. Arguments go to `castling start`. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { startGameServer } from './server.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const port = Number(process.env.BOARDGAME_PORT ?? 8000);
const castlingUrl = process.env.CASTLING_URL ?? 'https://localhost:8443';
const ca = process.env.CASTLING_CA ?? here('../../certs/ca.pem');

const server = await startGameServer({ port, fetchKeys });
const castling = spawn(
  process.execPath,
  [here('../../scripts/castling.js'), 'start', '--settings', here('castling.yaml'), ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.stdout.write(`Open ${castlingUrl}/boardgame/ when Castling is ready.\n`);
castling.once('exit', (code) => {
  server.close();
  process.exit(code ?? 1);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => castling.kill('SIGTERM'));

/** The public keys that assertions are signed with. */
async function fetchKeys() {
  const options = { ca: await readFile(ca) };
  return await new Promise((resolve, reject) => {
    get(`${castlingUrl}/.well-known/jwks.json`, options, async (response) => {
      const chunks = await Array.fromAsync(response);
      resolve(JSON.parse(Buffer.concat(chunks).toString()));
    }).once('error', reject);
  });
}
