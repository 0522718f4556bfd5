import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';
import { trust } from '../support/player.ts';
import { ProxyPlayer } from '../support/proxy-player.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelClient } from '../support/tunnel-client.ts';

const run = promisify(execFile);
const launcher = new URL('../../scripts/castling.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'castling-pairwise-'));
const httpRoutes = ['chess', 'go'] as const;
const tcpRoute = 'shogi';
const upstreams: HttpUpstreamFixture[] = [];
let program: TcpUpstream;
let castling: RunningCastling;

beforeAll(async () => {
  for (const _route of httpRoutes) upstreams.push(await HttpUpstreamFixture.start());
  program = await TcpUpstream.start((socket) => socket.end('hello'));
  const settings = join(folder, 'castling.yaml');
  const routes = httpRoutes.map(
    (name, at) =>
      `  - { name: ${name}, kind: http, path: /${name}/, signIn: required, upstreams: [{ address: 127.0.0.1:${upstreams[at]?.port} }] }`,
  );
  routes.push(`  - { name: ${tcpRoute}, kind: tcp, upstreams: [{ address: 127.0.0.1:${program.port} }] }`);
  writeFileSync(settings, `routes:\n${routes.join('\n')}\n`);
  castling = await startCastling({ args: ['--settings', settings] });
  trust(castling);
});
afterAll(async () => {
  await program?.close();
  for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
  await castling?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function post(path: string, name: string): Promise<TokenAnswer> {
  const answer = await fetch(`${castling.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: 'correct horse battery' }),
  });
  return (await answer.json()) as TokenAnswer;
}

/** Every pseudonym in the tables of the game backend. */
function inGameStore(): ReadonlySet<string> {
  const data = join(castling.folder, 'data');
  const files = readdirSync(data).filter((name) => name.startsWith('game.db'));
  const bytes = files.map((name) => readFileSync(join(data, name), 'latin1')).join('\n');
  return new Set(bytes.match(/y_[\w-]{22}/g) ?? []);
}

/** What the game backend is told of for the first time, and what two HTTP servers and a TCP program know the holder of this token by. */
async function knownBy({ access_token: token, player }: TokenAnswer) {
  const before = inGameStore();
  const socket = new ProxyPlayer({ url: castling.url, ca: readFileSync(castling.ca, 'utf8'), token });
  await socket.signedIn;
  const { match } = await socket.demand('match.create', {
    game: 'tic-tac-toe',
    commandId: socket.commandId(),
  });
  await socket.demand('match.leave', { match, commandId: socket.commandId() });
  await socket.close();
  const inGame = [...inGameStore()].filter((pseudonym) => !before.has(pseudonym));
  const atRoutes = await Promise.all(
    httpRoutes.map(async (route, at) => {
      const answer = await fetch(`${castling.url}/${route}/`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(200);
      const assertion = String(upstreams[at]?.last.headers['castling-assertion']);
      const { sub, ...claims } = JSON.parse(
        Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString(),
      );
      expect(JSON.stringify(claims)).not.toContain(player);
      return String(sub);
    }),
  );
  const count = tunnelPlayers().length;
  const ca = readFileSync(castling.ca, 'utf8');
  const tunnel = new TunnelClient({ url: castling.url, ca, route: tcpRoute, token });
  await tunnel.until(() => tunnel.hasEnd);
  tunnel.close();
  await tunnel.closed;
  while (tunnelPlayers().length === count) await new Promise((resolve) => setTimeout(resolve, 20));
  return { newInGame: inGame, elsewhere: [...atRoutes, tunnelPlayers().at(-1) ?? ''] };
}

function tunnelPlayers(): string[] {
  const lines = castling
    .output()
    .split('\n')
    .filter((line) => line.includes('a tunnel has ended'));
  return lines.map((line) => String(JSON.parse(line).player));
}

describe('F2 what four backends know a player by', () => {
  it('differs by backend and by player, and is the same after a restart and with other keys', async () => {
    const ada = await knownBy(await post('/auth/register', 'ada'));
    const bob = await knownBy(await post('/auth/register', 'bob'));
    const all = [ada, bob].flatMap(({ newInGame, elsewhere }) => [...newInGame, ...elsewhere]);
    for (const pseudonym of all) expect(pseudonym).toMatch(/^y_[\w-]{22}$/);
    expect([all.length, new Set(all).size]).toEqual([8, 8]);

    const data = join(castling.folder, 'data');
    await run(process.execPath, [launcher, 'admin', 'keys', 'rotate', '--at-once', '--data', data]);
    await castling.kill('worker');
    await castling.ready();
    expect(await knownBy(await post('/auth/login', 'ada'))).toEqual({ ...ada, newInGame: [] });
  });
});
