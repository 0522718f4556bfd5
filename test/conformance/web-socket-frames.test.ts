import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFrame, rawSocket, type ServerFrame, serverFrames, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const [continuation, text, binary, close, ping, pong] = [0, 1, 2, 8, 9, 10] as const;

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false, logLevel: 'info' });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** Before sign-in the proxy echoes the id of whatever is asked, which makes it an echo server for text. */
function asking(id: string | Uint8Array): Buffer {
  const start = Buffer.from('{"jsonrpc":"2.0","method":"match.list","params":{"filter":"mine"},"id":"');
  return Buffer.concat([start, Buffer.from(id), Buffer.from('"}')]);
}

/** Whether the proxy is done with the socket, or has said what the test waits for. */
interface Wait {
  readonly frames?: number;
}

interface Heard {
  readonly frames: readonly ServerFrame[];
  readonly isClosed: boolean;
}

/** Opens a WebSocket and sends these frames behind the handshake, `chunk` bytes at a time; gives what came. */
async function exchange(
  frames: readonly Buffer[],
  {
    frames: most = Number.POSITIVE_INFINITY,
    chunk = Number.POSITIVE_INFINITY,
  }: Wait & { chunk?: number } = {},
): Promise<Heard> {
  const socket = await rawSocket(rig);
  return await new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const done = (isClosed: boolean) => {
      socket.destroy();
      resolve({ frames: serverFrames(bytes), isClosed });
    };
    socket.on('data', (data: Buffer) => {
      bytes = Buffer.concat([bytes, data]);
      if (serverFrames(bytes).length >= most) done(false);
      else if (serverFrames(bytes).at(-1)?.opcode === close) socket.end();
    });
    socket.once('close', () => done(true));
    const input = Buffer.concat([Buffer.from(upgradeText()), ...frames]);
    if (chunk >= input.length) socket.write(input);
    else void chop(socket, input, chunk);
  });
}

async function chop(socket: Awaited<ReturnType<typeof rawSocket>>, input: Buffer, chunk: number) {
  for (let at = 0; at < input.length && !socket.destroyed; at += chunk) {
    socket.write(input.subarray(at, at + chunk));
    await new Promise(setImmediate);
  }
}

function closeCodeOf({ frames }: Heard): number | undefined {
  const last = frames.at(-1);
  return last?.opcode === close ? last.payload.readUInt16BE(0) : undefined;
}

const closing = (code: number, reason: string | Uint8Array = '') => {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(code);
  return clientFrame({ opcode: close, payload: Buffer.concat([number, Buffer.from(reason)]) });
};

describe('B1 frames that break RFC 6455 end the socket with 1002', () => {
  const hello = Buffer.from('hello');
  it.each([
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) => [`reserved opcode ${opcode}`, [clientFrame({ opcode })]] as [string, Buffer[]],
    ),
    ...[1, 2, 3, 4, 5, 6, 7].flatMap((reserved) =>
      [text, close, ping, pong].map(
        (opcode) =>
          [`reserved bits ${reserved} with opcode ${opcode}`, [clientFrame({ opcode, reserved })]] as [
            string,
            Buffer[],
          ],
      ),
    ),
    ...[close, ping, pong].flatMap((opcode) => [
      [`a fragment of control frame ${opcode}`, [clientFrame({ opcode, fin: false })]] as [string, Buffer[]],
      [`126 bytes in control frame ${opcode}`, [clientFrame({ opcode, payload: Buffer.alloc(126) })]] as [
        string,
        Buffer[],
      ],
    ]),
    ['a continuation of nothing', [clientFrame({ opcode: continuation, payload: hello })]],
    ['a last continuation of nothing', [clientFrame({ opcode: continuation, fin: false, payload: hello })]],
    [
      'a continuation behind a whole message',
      [clientFrame({ payload: asking('a') }), clientFrame({ opcode: continuation, payload: hello })],
    ],
    [
      'a new message within another',
      [clientFrame({ fin: false, payload: hello }), clientFrame({ payload: hello })],
    ],
    ['text without a mask', [clientFrame({ payload: hello, isMasked: false })]],
    ['a ping without a mask', [clientFrame({ opcode: ping, isMasked: false })]],
    ['a close of one byte', [clientFrame({ opcode: close, payload: Buffer.from([3]) })]],
    ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map(
      (code) => [`close code ${code}`, [closing(code)]] as [string, Buffer[]],
    ),
  ] as [string, Buffer[]][])('%s', async (_what, frames) => {
    const heard = await exchange(frames);
    expect(closeCodeOf(heard)).toBe(1002);
    expect(heard.isClosed).toBe(true);
  });
});

describe('B1 closing', () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])(
    'with %i is answered with the same',
    async (code) => {
      const heard = await exchange([closing(code, 'bye')]);
      expect(heard.frames).toHaveLength(1);
      expect(closeCodeOf(heard)).toBe(code);
      expect(heard.isClosed).toBe(true);
    },
  );

  it('without a code is answered', async () => {
    const heard = await exchange([clientFrame({ opcode: close })]);
    expect(heard.frames.map(({ opcode }) => opcode)).toEqual([close]);
    expect(heard.isClosed).toBe(true);
  });

  it('with the longest reason is answered, and one that is no UTF-8 is 1007', async () => {
    expect(closeCodeOf(await exchange([closing(1000, 'x'.repeat(123))]))).toBe(1000);
    expect(closeCodeOf(await exchange([closing(1000, Buffer.from([0xce, 0xba, 0xe1, 0xbd]))]))).toBe(1007);
  });

  it('is the end: what comes behind it is not read', async () => {
    const heard = await exchange([
      closing(1000),
      clientFrame({ payload: asking('late') }),
      clientFrame({ opcode: ping }),
    ]);
    expect(heard.frames.map(({ opcode }) => opcode)).toEqual([close]);
  });
});

/** First and last of each length, what lies just outside, and what RFC 3629 section 3 forbids. */
const utf8 = {
  right: [
    '00',
    '7f',
    'c280',
    'dfbf',
    'e0a080',
    'ed9fbf',
    'ee8080',
    'efbfbd',
    'efbfbe',
    'efbfbf',
    'f0908080',
    'f48fbfbf',
    'f09f9a80',
    'cebae1bdb9cf83cebcceb5',
  ],
  wrong: [
    '80',
    'bf',
    'c0',
    'c080',
    'c1bf',
    'c2',
    'c27f',
    'c2c0',
    'e08080',
    'e09fbf',
    'e0a0',
    'eda080',
    'edadbf',
    'edae80',
    'edbfbf',
    'eda080edb080',
    'f0808080',
    'f08fbfbf',
    'f0908080'.slice(0, 6),
    'f4908080',
    'f5808080',
    'f7bfbfbf',
    'f888808080',
    'fc8480808080',
    'fe',
    'ff',
    'feff',
    'c3c328',
    'e2c228',
    'f0288cbc',
    'cebae1bdb9cf83cebcceb5eda080656469746564',
  ],
} as const;

describe('B1 text', () => {
  it.each(utf8.right.filter((hex) => hex !== '00'))(
    'of the bytes %s is taken, and comes back as it went',
    async (hex) => {
      const bytes = Buffer.from(hex, 'hex');
      const { frames } = await exchange([clientFrame({ payload: asking(bytes) })], { frames: 1 });
      expect(JSON.parse(frames[0]?.payload.toString() ?? '').id).toBe(bytes.toString());
    },
  );

  it.each(utf8.wrong)('of the bytes %s is refused with 1007, whole or in pieces', async (hex) => {
    const bytes = asking(Buffer.from(hex, 'hex'));
    expect(closeCodeOf(await exchange([clientFrame({ payload: bytes })]))).toBe(1007);
    const half = Math.floor(bytes.length / 2);
    const pieces = [bytes.subarray(0, half), bytes.subarray(half, half + 1), bytes.subarray(half + 1)];
    const frames = pieces.map((payload, index) =>
      clientFrame({ payload, opcode: index === 0 ? text : continuation, fin: index === 2 }),
    );
    expect(closeCodeOf(await exchange(frames))).toBe(1007);
  });

  it.each([0, 1, 125, 126, 127, 128, 4_096, 16_000])('of %i bytes more is measured right', async (size) => {
    const payload = Buffer.concat([asking('a'), Buffer.alloc(size, 0x20)]);
    const { frames } = await exchange([clientFrame({ payload })], { frames: 1 });
    expect(JSON.parse(frames[0]?.payload.toString() ?? '').id).toBe('a');
  });

  it('in fragments, empty ones and one that cuts a character included, is one message; pings between them are answered', async () => {
    const bytes = asking('κόσμε');
    const cut = bytes.indexOf(Buffer.from('σ')) + 1;
    const { frames } = await exchange(
      [
        clientFrame({ fin: false, payload: bytes.subarray(0, cut) }),
        clientFrame({ opcode: ping, payload: Buffer.from('one') }),
        clientFrame({ opcode: continuation, fin: false }),
        clientFrame({ opcode: ping, payload: Buffer.alloc(125, 0xff) }),
        clientFrame({ opcode: continuation, payload: bytes.subarray(cut) }),
      ],
      { frames: 3 },
    );
    expect(frames.map(({ opcode }) => opcode)).toEqual([pong, pong, text]);
    expect(frames[0]?.payload.toString()).toBe('one');
    expect(frames[1]?.payload).toEqual(Buffer.alloc(125, 0xff));
    expect(JSON.parse(frames[2]?.payload.toString() ?? '').id).toBe('κόσμε');
  });

  it.each([1, 2, 3, 7, 61])('is the same when its frames come %i bytes at a time', async (chunk) => {
    const bytes = asking('κόσμε');
    const { frames } = await exchange(
      [
        clientFrame({ opcode: pong, payload: Buffer.from('unasked') }),
        clientFrame({ fin: false, payload: bytes.subarray(0, 30) }),
        clientFrame({ opcode: ping, payload: Buffer.from('p') }),
        clientFrame({
          opcode: continuation,
          payload: Buffer.concat([bytes.subarray(30), Buffer.alloc(200, 0x20)]),
        }),
        closing(1000),
      ],
      { chunk },
    );
    expect(frames.map(({ opcode }) => opcode)).toEqual([pong, text, close]);
    expect(JSON.parse(frames[1]?.payload.toString() ?? '').id).toBe('κόσμε');
  });

  it('is what is spoken here: binary is refused with 1003', async () => {
    expect(closeCodeOf(await exchange([clientFrame({ opcode: binary, payload: asking('a') })]))).toBe(1003);
  });
});
