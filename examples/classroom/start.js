// Starts everything of this example, and lets you play: the classroom server, a Castling in a folder of its own that is removed
// afterwards, an account, a tunnel, and the classroom client at the tunnel's near end.
//
// Usage: node examples/classroom/start.js          you play in this terminal
//        printf '1\n2\n7\n6\n8\n' | node examples/classroom/start.js
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const here = import.meta.dirname;
const launcher = join(here, '..', '..', 'scripts', 'castling.js');
const folder = mkdtempSync(join(tmpdir(), 'castling-classroom-'));
const home = join(folder, 'home');
const children = [];

process.once('SIGINT', () => void stop().then(() => process.exit(130)));
try {
  process.exitCode = await main();
} finally {
  await stop();
}

async function main() {
  const [game, port, link, admin] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const url = `https://localhost:${port}`;
  const player = ['--url', url, '--ca', join(folder, 'certs', 'ca.pem')];

  say('1. The server of the pair, which knows nothing of Castling.');
  const server = run([join(here, 'server.js'), String(game)]);
  await sees(server, 'Waiting on port');

  say('2. Castling, with castling.yaml of this folder.');
  const settings = readFileSync(join(here, 'castling.yaml'), 'utf8').replace(':5050', `:${game}`);
  writeFileSync(join(folder, 'castling.yaml'), settings);
  const castling = run([
    ...[launcher, 'start', '--settings', join(folder, 'castling.yaml')],
    ...['--data', join(folder, 'data'), '--certs', join(folder, 'certs'), '--host', '127.0.0.1'],
    ...['--port', String(port), '--link-port', String(link), '--admin-port', String(admin)],
  ]);
  await ready(admin, castling);

  say('3. An account, and a tunnel to the route “classroom”.');
  const register = run([launcher, 'register', 'ada', '--password-stdin', ...player]);
  register.stdin.end(`${randomBytes(12).toString('base64url')}\n`);
  await once(register, 'close');
  const tunnel = run([launcher, 'tunnel', 'classroom', '--listen', '127.0.0.1:0', '--json', ...player]);
  const address = JSON.parse(await sees(tunnel, '"listening"')).address;

  say(`4. The client of the pair, which connects to ${address}.`);
  const client = run([join(here, 'client.js'), address.split(':')[1]], { stdio: 'inherit' });
  const [code] = await once(client, 'close');

  tunnel.kill('SIGINT');
  await once(tunnel, 'close');
  say(`5. The server saw:\n${server.said.trim().replaceAll(/^/gm, '     ')}`);
  return code;
}

function run(args, options = {}) {
  const env = { ...process.env, CASTLING_HOME: home };
  const child = spawn(process.execPath, args, { env, ...options });
  children.push(child);
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      child.said += text;
    });
  }
  return child;
}

/** The first line of a child that has this in it. */
async function sees(child, text) {
  for (;;) {
    const line = child.said.split('\n').find((each) => each.includes(text));
    if (line !== undefined) return line;
    if (child.exitCode !== null) throw new Error(`It ended:\n${child.said}`);
    await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  }
}

async function ready(admin, child) {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${admin}/ready`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`Castling ended:\n${child.said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function stop() {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(
    running.map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }),
  );
  rmSync(folder, { recursive: true, force: true });
}

function say(text) {
  console.log(`\n${text}`);
}
