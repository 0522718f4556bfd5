import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFrame, rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ proxy: { origins: ['https://good.example'] } });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

describe('B6 cross-site WebSocket hijack', () => {
  it.each([
    'null',
    'https://good.example.evil',
    'https://good.example:444',
    'https://GOOD.example',
    'https://good.example.',
    'http://good.example',
  ])('a page of %s gets 403, and what it sends with the handshake is never read', async (origin) => {
    const account = await rig.register(`victim${Math.random().toString(36).slice(2, 8)}`);
    const message = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'session.open',
      params: { token: account.access_token },
    });
    const input = Buffer.concat([
      Buffer.from(upgradeText({ Origin: origin })),
      clientFrame({ payload: Buffer.from(message) }),
    ]);
    const { text, isClosed } = await rawExchange(rig, input);
    expect(text).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(text).toContain('origin_refused');
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(text).not.toContain(account.player);
    expect(isClosed).toBe(true);
  });

  it('two Origin fields are refused, though both are listed', async () => {
    const twice = upgradeText({ Origin: 'https://good.example' }).replace(
      'Origin:',
      'Origin: https://good.example\r\norigin:',
    );
    expect((await rawExchange(rig, twice)).text).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('a page of a listed origin, of the proxy itself, and a program without one are let in and sign in', async () => {
    for (const [index, origin] of [
      'https://good.example',
      `https://localhost:${rig.port}`,
      undefined,
    ].entries()) {
      const { access_token: token } = await rig.register(`friend${index}`);
      const player = rig.connect(origin === undefined ? {} : { origin });
      await player.opened;
      expect(player.webSocket.protocol).toBe('castling.v1');
      expect(await player.demand('session.open', { token })).toMatchObject({ name: `friend${index}` });
    }
  });
});
