import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

let rig: ProxyRig;
beforeAll(async () => {
  rig = await ProxyRig.start({ logLevel: 'debug' });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

describe('B7 no token in a URL', () => {
  it.each(['/play', '/api/games', '/auth/me', '/nowhere'])(
    '%s with a token in its query is refused, and the log has no trace of it',
    async (path) => {
      const { access_token: token } = await rig.register(`canary${path.replaceAll('/', '')}`);
      for (const name of ['access_token', 'token']) {
        const answer = await rig.request(`${path}?a=b&${name}=${token}`);
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'token_in_url', status: 400 });
        expect(answer.body).not.toContain(token);

        const upgrade = await rawExchange(rig, upgradeText({}, `GET ${path}?${name}=${token} HTTP/1.1`));
        expect(upgrade.text).toMatch(/^HTTP\/1\.1 400 /);
      }
      expect(rig.log).toContain(`"path":"${path}"`);
      expect(rig.log).not.toContain(token);
      expect(rig.log).not.toContain(token.slice(-40));
    },
  );

  it('a token among the subprotocols is refused; the answer names castling.v1 and nothing else', async () => {
    const { access_token: token } = await rig.register('sub');
    const refused = await rawExchange(
      rig,
      upgradeText({ 'Sec-WebSocket-Protocol': `castling.v1, ${token}` }),
    );
    expect(refused.text).toMatch(/^HTTP\/1\.1 400 /);
    expect(refused.text).toContain('token_in_subprotocol');
    expect(rig.log).not.toContain(token);

    const accepted = await rawExchange(
      rig,
      upgradeText({ 'Sec-WebSocket-Protocol': 'other, castling.v1, castling.v2' }),
      {
        until: /\r\n\r\n/,
      },
    );
    expect(accepted.text).toMatch(/^HTTP\/1\.1 101 /);
    expect(accepted.text).toMatch(/\r\nSec-WebSocket-Protocol: castling\.v1\r\n/);
  });

  it('an upgrade without the subprotocol is told so and closed, unheard', async () => {
    const player = rig.connect({ subprotocols: [] });
    expect(await player.closed).toEqual({ code: 4506, reason: 'subprotocol_missing' });
    expect(player.heard).toMatchObject([
      { method: 'session.closing', params: { code: 4506, reconnect: false } },
    ]);
  });
});
