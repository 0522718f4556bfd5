import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';

let castling: RunningCastling;
beforeAll(async () => {
  castling = await startCastling();
});
afterAll(async () => await castling[Symbol.asyncDispose]());

/** `ADDRESS:PORT` of everything that these processes listen on (proc(5), `/proc/net/tcp`; state 0A is LISTEN). */
function listenersOf(pids: readonly number[]): string[] {
  const inodes = new Set(pids.flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(fields[9] ?? ''))
      .map(([, local = '']) => local)
      .map((local) => `${local.split(':')[0]}:${Number.parseInt(local.split(':')[1] ?? '', 16)}`),
  );
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/${pid}/fd/${fd}`)) ?? [];
    return inode === undefined ? [] : [inode];
  });
}

/** A descriptor may be closed while one looks. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function isReached(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

describe('G7 what a Castling listens on', () => {
  it('is three ports, of which none is for debugging, and two are this machine’s alone', async () => {
    const { port, linkPort, adminPort } = castling;
    const pids = [castling.pidOf('proxy'), castling.pidOf('worker'), ...castling.backends()];
    // 0100007F is 127.0.0.1; this one's player port was told to be there, too.
    const expected = [port, linkPort, adminPort].map((each) => `0100007F:${each}`);
    expect([...new Set(listenersOf(pids))].sort()).toEqual(expected.sort());
    // Another address of the same machine; all of 127.0.0.0/8 is.
    for (const each of [linkPort, adminPort]) {
      expect(await isReached('127.0.0.1', each)).toBe(true);
      expect(await isReached('127.0.0.2', each)).toBe(false);
    }
  });
});
