/** The attackers of `players-under-attack`: a process that does one kind of harm until it is killed. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { commandId, openRawPlayer, type RawPlayer, registerRawPlayer } from '../../support/raw-player.ts';

const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'match.list', params: { filter: 'open' } });

/**
 * Those that sign in first, for when all go on at once. How each goes on: 1,000 messages a second, as many pings, …; who is closed comes
 * back.
 */
const attacks = {
  'a flood of messages': () => flood(async (player) => player.send(list)),
  'a flood of pings': () => flood(async (player) => player.socket.ping()),
  'malformed messages': () => flood(async (player) => player.send('{"jsonrpc":"2.0","id":1,"method":')),
  'slow readers': slowReaders,
  'slow headers': () => many(150, () => drip('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')),
  'a flood of connections': () => many(20, comeAndGo),
  'bytes that are no TLS': () => many(20, garbage),
} as const;

export type AttackName = keyof typeof attacks;
export const attackNames = Object.keys(attacks) as AttackName[];

const [, , name = '', url = '', ca = ''] = process.argv;
const castling = { url, ca };

function begun(): void {
  process.send?.('begun');
}

async function flood(one: (player: RawPlayer) => Promise<unknown>): Promise<never> {
  const first = await registerRawPlayer(castling, { name: `attacker-${process.pid}` });
  let player = first;
  let isClosed = false;
  const watch = () => {
    isClosed = false;
    void player.closed.then(() => {
      isClosed = true;
    });
  };
  watch();
  begun();
  for (;;) {
    for (let count = 0; count < 10 && !isClosed; count += 1) void one(player).catch(() => {});
    await sleep(10);
    if (!isClosed) continue;
    const again = await openRawPlayer(castling, first.grant).catch(() => undefined);
    if (again === undefined) continue;
    player = again;
    watch();
  }
}

async function many(count: number, one: () => Promise<void>): Promise<never> {
  const forever = async (): Promise<never> => {
    for (;;) {
      await one();
      await sleep(5);
    }
  };
  begun();
  return await Promise.race(Array.from({ length: count }, forever));
}

/** A header that never ends, a byte a second. */
function drip(start: string): Promise<void> {
  return new Promise((resolve) => {
    const { hostname: host, port } = new URL(url);
    const options = { host, port: Number(port), servername: 'localhost', ca: readFileSync(ca) };
    const socket = tlsConnect(options, () => socket.write(start));
    const timer = setInterval(() => socket.write('x'), 1_000);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

function comeAndGo(): Promise<void> {
  return new Promise((resolve) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port) }, () => socket.destroy());
    socket.on('error', () => {});
    socket.once('close', () => resolve());
  });
}

function garbage(): Promise<void> {
  return new Promise((resolve) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port) }, () => {
      const bytes = Uint8Array.from({ length: 512 }, () => Math.floor(Math.random() * 256));
      socket.end(bytes);
    });
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve());
  });
}

/** Spectators who follow the attackers' own busy matches, and read nothing. */
async function slowReaders(): Promise<never> {
  const [host, guest] = await Promise.all(
    ['h', 'g'].map((part) => registerRawPlayer(castling, { name: `attacker-${part}${process.pid}` })),
  );
  if (host === undefined || guest === undefined) throw new Error('nobody came');
  const created = await host.call('match.create', { game: 'tic-tac-toe', commandId: commandId() });
  const { match, code } = created.result as { match: string; code: string };
  await guest.call('match.join', { code, commandId: commandId() });
  for (let count = 0; count < 20; count += 1) {
    const spectator = await openRawPlayer(castling, host.grant);
    await spectator.call('match.watch', { code });
    spectator.socket.pause();
  }
  begun();
  for (;;) {
    await host.call('match.offerDraw', { match, commandId: commandId() });
    await guest.call('match.answerDraw', { match, accept: false, commandId: commandId() });
  }
}

if (import.meta.main) {
  // Whoever started it may end without a word.
  process.on('disconnect', () => process.exit());
  await attacks[name as AttackName]();
}
