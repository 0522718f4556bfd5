/**
 * Starts everything of this example: the game server, and Castling in front of it. Ctrl-C ends both.
 *
 * Usage: npm run example:boardgame [-- arguments for `castling start`]
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  strict: false,
  options: {
    port: { type: 'string', default: '8443' },
    certs: { type: 'string', default: join(root, 'certs') },
  },
});
const castlingUrl = `https://localhost:${values.port}`;

if (!existsSync(join(here, 'node_modules', 'boardgame.io'))) {
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', install, {
    cwd: here,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}
const { startGameServer } = await import('./server.js');
const server = await startGameServer({ port: 0, fetchKeys });

const folder = mkdtempSync(join(tmpdir(), 'castling-boardgame-'));
const settings = join(folder, 'castling.yaml');
writeFileSync(
  settings,
  readFileSync(join(here, 'castling.yaml'), 'utf8').replace(':8000', `:${server.port}`),
);
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const launcher = join(root, 'scripts', 'castling.js');
const castling = spawn(process.execPath, [launcher, 'start', '--settings', settings, ...args], {
  stdio: 'inherit',
});
process.stdout.write(`Open ${castlingUrl}/boardgame/ when Castling is ready.\n`);
castling.once('exit', (code) => process.exit(code ?? 1));
// Castling hears Ctrl-C from the terminal itself, and a second signal would end it at once.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => castling.kill('SIGTERM'));
// Whoever started this by a program has gone.
process.once('disconnect', () => castling.kill('SIGTERM'));

/** The public keys that assertions are signed with. */
function fetchKeys() {
  const options = { ca: readFileSync(join(values.certs, 'ca.pem')) };
  return new Promise((resolve, reject) => {
    get(`${castlingUrl}/.well-known/jwks.json`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.once('end', () => resolve(JSON.parse(text)));
    }).once('error', reject);
  });
}
