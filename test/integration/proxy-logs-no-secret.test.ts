import { describe, expect, it } from 'vitest';
import { startMatch } from '../support/proxy-player.ts';
import { rawExchange, upgradeText } from '../support/proxy-raw.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

describe('F3 logs', () => {
  it('at debug level, with everything going wrong, hold no password, token or forged line', async () => {
    const forged = 'ada\r\n{"level":"error","msg":"forged"}\u001b[2Jx';
    const passwords = ['canary-password-one', 'canary-password-two'];
    const secrets: string[] = [...passwords];
    await using rig = await ProxyRig.start({ logLevel: 'debug' });
    const post = (path: string, body: object | string, headers: Record<string, string> = {}) =>
      rig.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });

    const account = await rig.register('ada', passwords[0]);
    secrets.push(account.access_token, account.refresh_token, account.access_token.split('.')[2] ?? '');
    await post('/auth/login', { name: 'ada', password: passwords[1] });
    await post('/auth/login', { name: forged, password: passwords[0] });
    await post('/auth/login', `{"name":"ada","password":"${passwords[0]}`);
    await post('/auth/login', { name: 'ada', password: passwords[0], refresh_token: account.refresh_token });
    await post('/auth/refresh', { refresh_token: `${account.refresh_token}x` });
    await rig.request(`/auth/me?access_token=${account.access_token}`);
    await rig.request('/auth/me', {
      headers: { authorization: `Bearer ${account.access_token}x`, cookie: `session=${passwords[1]}` },
    });
    await rawExchange(rig, upgradeText({ 'Sec-WebSocket-Protocol': `castling.v1, ${account.access_token}` }));
    await rawExchange(rig, upgradeText({ Origin: `https://evil.example/${account.access_token}` }));
    await rawExchange(rig, upgradeText({}, `GET /play/${account.access_token} HTTP/1.1`));
    await rawExchange(
      rig,
      `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${account.access_token}\r\nbroken\r\n\r\n`,
    );

    const ada = await rig.player('ada', { token: account.access_token });
    const bob = await rig.player('bob');
    const { match, seats, seq } = await startMatch(ada, bob);
    const seated = seats[0];
    const command = () => ({ match, seq: seq + 1, commandId: seated.commandId() });
    await seated.refusal('match.move', { ...command(), move: forged });
    await seated.refusal('match.move', { ...command(), move: account.access_token });
    await seated.refusal('match.move', { ...command(), seat: 1, move: 0 });
    await seated.refusal('session.refresh', { token: `${account.access_token}x` });
    await seated.refusal('session.open', { token: account.access_token });
    bob.send(
      `{"jsonrpc":"2.0","id":1,"method":"session.refresh","params":{"token":"${account.access_token}"}`,
    );
    await bob.closed;
    await rig.stopBackend();
    await seated.refusal('match.list', { filter: 'mine' });

    const lines = rig.log.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) {
      const parsed = JSON.parse(line) as { msg: string };
      expect(parsed.msg).not.toBe('forged');
    }
    for (const control of ['\u001b', '\r']) expect(rig.log.includes(control)).toBe(false);
    for (const secret of secrets) expect(rig.log.includes(secret), secret).toBe(false);
  }, 30_000);
});
