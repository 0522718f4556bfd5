import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitDefaults } from '../../src/settings/index.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const { base: most } = limitDefaults.address.strangers;

const patient = { timeout: 30_000 };

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false, logLevel: 'info' });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** Connections that say nothing, from one address; those that are still open after the proxy has seen them all. */
async function crowd(count: number): Promise<{ open: Socket[] }> {
  const sockets = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve) => {
          const socket = connect({ port: rig.port, host: '127.0.0.1', localAddress: '127.0.0.3' });
          socket.on('error', () => {}).resume();
          socket.once('connect', () => resolve(socket));
        }),
    ),
  );
  await expect.poll(refused, patient).toBeGreaterThanOrEqual(count - most);
  await expect.poll(() => sockets.filter(({ closed }) => !closed).length, patient).toBeLessThanOrEqual(most);
  return { open: sockets.filter(({ closed }) => !closed) };
}

async function refused(): Promise<number> {
  const text = await rig.metrics();
  return Number(/castling_policy_refusals_total\{rule="strangers\.address"\} (\d+)/.exec(text)?.[1] ?? 0);
}

describe('B15 many connections from one address', () => {
  it('are refused beyond its bound before their handshake; others come in, and it has room again when they have gone', async () => {
    const { open } = await crowd(2_000);
    expect(open).toHaveLength(most);
    expect(await refused()).toBe(2_000 - most);
    expect((await rig.request('/')).status).toBe(200);
    await expect(rig.request('/', { localAddress: '127.0.0.3' })).rejects.toThrow();

    for (const socket of open) socket.destroy();
    const again = async () =>
      await rig.request('/', { localAddress: '127.0.0.3' }).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(again, patient).toBe(200);
  });
});
