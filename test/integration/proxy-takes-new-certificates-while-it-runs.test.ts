import { copyFileSync, truncateSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProxyPlayer } from '../support/proxy-player.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const sockets = 50;
const everyMs = 20;
const withinMs = 5_000;

let rig: ProxyRig;
let players: ProxyPlayer[];
/** Why a handshake failed; none should. */
const failures: string[] = [];
/** What the latest handshake was shown. */
let serial: string | undefined;
let handshakes = 0;
let stopShaking = () => {};

beforeAll(async () => {
  rig = await ProxyRig.start();
  rig.certificates.issue({
    name: 'next',
    issuer: 'ca',
    usage: 'serverAuth',
    dns: 'localhost',
    ip: '127.0.0.1',
  });
  const tokens = [await rig.register('ada'), await rig.register('grace')].map((each) => each.access_token);
  players = Array.from({ length: sockets }, (_, index) => rig.connect({ token: tokens[index % 2] ?? '' }));
  await Promise.all(players.map((player) => player.opened));

  const timer = setInterval(() => void shake(), everyMs);
  stopShaking = () => clearInterval(timer);
});
afterAll(async () => {
  stopShaking();
  await rig[Symbol.asyncDispose]();
});

async function shake(): Promise<void> {
  try {
    const socket = await handshake();
    serial = socket.getPeerCertificate().serialNumber;
    handshakes += 1;
    socket.destroy();
  } catch (error) {
    failures.push(String(error));
  }
}

function handshake(session?: Buffer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: rig.port, servername: 'localhost', ca: rig.ca };
    const socket = connect({ ...options, ...(session && { session }) }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function ready(): Promise<number> {
  return (await fetch(`http://127.0.0.1:${rig.adminPort}/ready`)).status;
}

async function metrics(): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
}

describe('A6 certificates change while the proxy runs', () => {
  it('a new pair is shown within 5 s, with no failed handshake and no closed socket, and tickets of before stay good', async () => {
    const old = await handshake();
    const ticket = await new Promise<Buffer>((resolve) => old.once('session', resolve));
    const before = old.getPeerCertificate().serialNumber;
    await expect.poll(() => serial).toBe(before);

    rig.certificates.replace('proxy', 'next');
    await expect.poll(() => serial !== before, { timeout: withinMs }).toBe(true);

    const resumed = await handshake(ticket);
    expect(resumed.isSessionReused()).toBe(true);
    resumed.destroy();
    old.destroy();
    expect(await metrics()).toMatch(/castling_tls_certificate_reloads_total\{outcome="taken"\} 1/);
    expect(await metrics()).toMatch(
      /castling_tls_certificate_remaining_seconds\{certificate="localhost"\} \d{4,}/,
    );
  });

  it.each([
    [
      'a key of another certificate',
      () =>
        copyFileSync(rig.certificates.path('link-server-key.pem'), rig.certificates.path('proxy-key.pem')),
    ],
    ['half a file', () => truncateSync(rig.certificates.path('proxy.pem'), 200)],
  ])(
    '%s is not taken: the old pair stays, the log says so, and the proxy stays ready',
    async (_what, spoil) => {
      const [before, seen] = [serial, refusals()];
      spoil();
      await expect.poll(refusals, { timeout: withinMs }).toBe(seen + 1);
      const done = handshakes;
      await expect.poll(() => handshakes).toBeGreaterThan(done + 2);
      expect(serial).toBe(before);
      expect(await ready()).toBe(200);
      expect(await metrics()).toContain(`reloads_total{outcome="refused"} ${seen + 1}`);
    },
  );

  it('nobody has noticed', () => {
    expect(failures).toEqual([]);
    expect(handshakes).toBeGreaterThan(20);
    expect(players.every((player) => player.webSocket.readyState === player.webSocket.OPEN)).toBe(true);
  });
});

/** Lines of the log that tell of files which cannot be used. */
function refusals(): number {
  return rig.log.split('cannot be used; the old ones stay').length - 1;
}
