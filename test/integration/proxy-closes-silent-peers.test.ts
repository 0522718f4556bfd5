import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** The first bytes of a TLS 1.3 ClientHello of about 300; the rest never comes. */
const halfHello = Buffer.from(`160301012c010001280303${'ab'.repeat(32)}20`, 'hex');
const deadlineMs = slownessDefaults.handshake;

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Opens a connection, says something once, or again and again, and gives the milliseconds until it was closed. */
async function silentPeer(
  first: Buffer,
  everyMs?: number,
): Promise<{ socket: Socket; closed: Promise<number> }> {
  const socket = connect(rig.port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  const since = performance.now();
  if (first.length > 0) socket.write(first);
  const drip = everyMs === undefined ? undefined : setInterval(() => socket.write(Buffer.of(0)), everyMs);
  socket.resume();
  const closed = new Promise<number>((resolve) =>
    socket.once('close', () => {
      clearInterval(drip);
      resolve(performance.now() - since);
    }),
  );
  return { socket, closed };
}

describe('A5 silent peers', () => {
  it('closes 200 of them within 10 s, however they are silent, serves the 201st meanwhile, and keeps no file open', async () => {
    const before = openFiles();
    const kinds = [Buffer.alloc(0), Buffer.from([0x16, 0x03, 0x01]), halfHello];
    const peers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => silentPeer(kinds[index % kinds.length] as Buffer)),
    );
    expect(openFiles()).toBeGreaterThanOrEqual(before + 200);

    const served = await rig.request('/');
    expect(served.status).toBe(200);

    const lived = await Promise.all(peers.map(({ closed }) => closed));
    expect(Math.max(...lived)).toBeLessThan(deadlineMs + 1_000);
    expect(Math.min(...lived)).toBeGreaterThan(deadlineMs / 2);
    for (const { socket } of peers) expect(socket.destroyed).toBe(true);
    await expect.poll(openFiles).toBeLessThanOrEqual(before + 2);
  }, 30_000);

  it.concurrent('closes one who sends a byte now and then no later', async () => {
    const { closed } = await silentPeer(halfHello, 1_000);
    expect(await closed).toBeLessThan(deadlineMs + 1_000);
  }, 30_000);

  it.concurrent('closes one who is silent after the handshake, or in the middle of a header', async () => {
    const lived = await Promise.all(
      ['', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '].map(
        (text) =>
          new Promise<number>((resolve) => {
            const since = performance.now();
            const socket = tlsConnect(
              { port: rig.port, host: '127.0.0.1', servername: 'localhost', ca: rig.ca },
              () => socket.write(text),
            );
            socket.on('error', () => {});
            socket.resume().once('close', () => resolve(performance.now() - since));
          }),
      ),
    );
    expect(Math.max(...lived)).toBeLessThan(slownessDefaults.header + 3_000);
  }, 30_000);
});
