import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFrame, rawExchange, rawSocket, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
let token: string;
beforeAll(async () => {
  rig = await ProxyRig.start();
  token = (await rig.register('pat')).access_token;
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** The close code with which the proxy ends a socket that sends `frames` right after the handshake. */
async function closeCode(frames: readonly Buffer[]): Promise<number> {
  const head = Buffer.from(upgradeText({ Authorization: `Bearer ${token}` }));
  const { bytes } = await rawExchange(rig, Buffer.concat([head, ...frames]));
  const end = bytes.lastIndexOf(0x88);
  return bytes.readUInt16BE(end + 2);
}

const kilobyte = Buffer.alloc(1024, 0x20);

describe('B10 payload limits', () => {
  it.each([
    ['a header that announces 2^63 bytes', [clientFrame({ length: 2n ** 63n })], 1009],
    ['a header that announces 70,000 bytes', [clientFrame({ length: 70_000n })], 1009],
    [
      '65 fragments',
      [
        clientFrame({ fin: false }),
        ...Array.from({ length: 64 }, () => clientFrame({ opcode: 0, fin: false })),
      ],
      1008,
    ],
    [
      '40 fragments that add up to more than 64 KiB',
      [
        clientFrame({ fin: false, payload: kilobyte }),
        ...Array.from({ length: 39 }, () =>
          clientFrame({ opcode: 0, fin: false, payload: Buffer.alloc(1664, 0x20) }),
        ),
      ],
      1009,
    ],
    ['binary', [clientFrame({ opcode: 2, payload: kilobyte })], 1003],
    ['text that is not UTF-8', [clientFrame({ payload: Buffer.from([0xc3, 0x28]) })], 1007],
    ['a reserved opcode', [clientFrame({ opcode: 3 })], 1002],
  ] as [string, Buffer[], number][])('%s closes the socket with its code', async (_what, frames, code) => {
    expect(await closeCode(frames)).toBe(code);
  });

  it('holds nothing for what is only announced: 200 such headers cost under 2 MB', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => rawSocket(rig)));
    const upgraded = sockets.map((socket) => once(socket, 'data'));
    for (const socket of sockets) socket.write(upgradeText());
    await Promise.all(upgraded);
    const before = bufferBytes();
    const lawful = clientFrame({ payload: Buffer.alloc(16_000, 0x20) }).subarray(0, 8);
    for (const [index, socket] of sockets.entries()) {
      socket.write(index % 2 === 0 ? lawful : clientFrame({ length: 2n ** 62n }));
    }
    await Promise.all(sockets.filter((_, index) => index % 2 === 1).map((socket) => once(socket, 'close')));
    expect(bufferBytes() - before).toBeLessThan(2_000_000);
    for (const socket of sockets) socket.destroy();
  });
});

describe('B11 compression', () => {
  it('is not negotiated on a socket', async () => {
    const { text } = await rawExchange(
      rig,
      upgradeText({ 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }),
      { until: /\r\n\r\n/ },
    );
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    expect(text.toLowerCase()).not.toContain('sec-websocket-extensions');
  });

  it.each(['gzip', 'br', 'zstd', 'deflate', 'identity'])(
    'a body with content coding %s is refused undecoded',
    async (coding) => {
      const answer = await rig.request('/auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': coding },
        body: JSON.stringify({ name: 'ada', password: 'whatever it is' }),
      });
      expect(answer.status).toBe(415);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'content_coding_unsupported' });
    },
  );
});

/** Memory in buffers, outside the heap: where frames would lie. */
function bufferBytes(): number {
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}
