import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tunnelLimits } from '../../src/protocol/tunnel.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import type { TunnelClient } from '../support/tunnel-client.ts';
import { TunnelRig } from '../support/tunnel-rig.ts';

let upstream: TcpUpstream;
let rig: TunnelRig;
let token: string;

beforeAll(async () => {
  upstream = await TcpUpstream.start();
  rig = await TunnelRig.start({ upstreams: [upstream], limits: { tunnelsPerPlayer: 100 } });
  token = (await rig.proxy.register('ada')).access_token;
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream.close();
});

/** Both ends of one tunnel. */
async function open(): Promise<{ client: TunnelClient; program: Socket }> {
  const arriving = upstream.connection();
  const client = rig.tunnel(token);
  const program = await arriving;
  await client.ready();
  return { client, program };
}

/** All that comes until the end of this direction; the socket stays open for the other one. */
async function read(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a tunnel', () => {
  it('carries every byte both ways, in order, and ends each direction by itself', async () => {
    const { client, program } = await open();
    const up = randomBytes(1_500_000);
    const down = randomBytes(2_500_000);
    const arrived = read(program);
    program.end(down);
    await client.until(() => client.hasEnd);
    expect(hash(client.bytes)).toBe(hash(down));
    for (let at = 0; at < up.length; at += 50_000) client.send(up.subarray(at, at + 50_000));
    client.end();
    expect(hash(await arrived)).toBe(hash(up));
    client.webSocket.close(1000);
    expect((await client.closed).code).toBe(1000);
    const [use] = await rig.ended();
    expect(use).toMatchObject({ route: 'board', end: 'done', bytesUp: up.length, bytesDown: down.length });
  });

  it('lets the player’s direction end first, too', async () => {
    const { client, program } = await open();
    client.send('the last word');
    client.end();
    expect((await read(program)).toString()).toBe('the last word');
    program.write('not quite');
    await client.until(() => client.bytes.length > 0);
    program.end();
    await client.until(() => client.hasEnd);
    expect(client.bytes.toString()).toBe('not quite');
  });

  it('keeps apart what was sent apart, and adds no delay of its own', async () => {
    const { client, program } = await open();
    const heard: string[] = [];
    program.on('data', (chunk) => {
      heard.push(chunk.toString());
      program.write(`${heard.length}`);
    });
    for (let move = 0; move < 50; move += 1) {
      client.send(String(move % 9));
      await client.until(() => client.received.length === move + 1);
    }
    expect(heard).toEqual(Array.from({ length: 50 }, (_, move) => String(move % 9)));
    expect(client.received.map(String)).toEqual(heard.map((_, move) => String(move + 1)));
    client.close();
  });

  it('keeps what is sent before the upstream is connected', async () => {
    const arriving = upstream.connection();
    const client = rig.tunnel(token);
    await client.opened;
    client.send('early');
    const program = await arriving;
    const [chunk] = (await once(program, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('early');
    client.close();
  });

  it('resets the program’s connection when the player’s side goes without an end', async () => {
    const { client, program } = await open();
    const [error] = await Promise.all([once(program, 'error'), client.close()]).then(([[first]]) => [first]);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
  });

  it('tells the player’s side when the program resets', async () => {
    const { client, program } = await open();
    program.resetAndDestroy();
    expect((await client.closed).code).toBe(4101);
    expect(client.hasEnd).toBe(false);
    expect(client.heard.at(-1)).toMatchObject({ method: 'session.closing', params: { reconnect: true } });
  });

  it('refuses bytes after the end of their direction, and text that is not the protocol’s', async () => {
    const { client } = await open();
    client.end();
    client.send('more');
    expect((await client.closed).code).toBe(4601);
    const { client: other } = await open();
    other.say('match.list', { filter: 'mine' });
    await other.until(() => other.heard.some(({ error }) => error?.data.code === 'method_unknown'));
    other.webSocket.send('nonsense');
    expect((await other.closed).code).toBe(4500);
    const { client: third } = await open();
    third.send(Buffer.alloc(tunnelLimits.messageBytes + 1));
    expect((await third.closed).code).toBe(1009);
  });
});

describe('a side that takes nothing', () => {
  /** More than the kernel's buffers of both connections together hold (tcp(7): 6 MiB to receive, 4 to send). */
  const sent = randomBytes(40 * 1024 * 1024);

  /** Resolves when a number has stayed the same for a while: sockets of this machine move megabytes in milliseconds. */
  async function standstill(amount: () => number): Promise<number> {
    for (let before = -1; ; ) {
      const now = amount();
      if (now === before) return now;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  it('holds up the player when it is the program', async () => {
    const { client, program } = await open();
    program.pause();
    for (let at = 0; at < sent.length; at += 65_536) client.send(sent.subarray(at, at + 65_536));
    expect(await standstill(() => client.webSocket.bufferedAmount)).toBeGreaterThan(1024 * 1024);
    const arrived = read(program);
    client.end();
    expect(hash(await arrived)).toBe(hash(sent));
    client.close();
  });

  it('holds up the program when it is the player', async () => {
    const { client, program } = await open();
    client.webSocket.pause();
    program.end(sent);
    expect(await standstill(() => program.writableLength)).toBeGreaterThan(0);
    client.webSocket.resume();
    await client.until(() => client.hasEnd);
    expect(hash(client.bytes)).toBe(hash(sent));
    client.close();
  });
});
