import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closings } from '../../src/protocol/closings.ts';
import type { Account } from '../support/proxy-rig.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelRig } from '../support/tunnel-rig.ts';

const password = 'correct horse battery';
let upstream: TcpUpstream;
let rig: TunnelRig;

beforeAll(async () => {
  upstream = await TcpUpstream.echo();
  rig = await TunnelRig.start({ upstreams: [upstream] });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await upstream.close();
});

const post = async (path: string, body?: object, token?: string) =>
  await rig.proxy.request(path, {
    method: 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const login = async (name: string): Promise<Account> =>
  JSON.parse((await post('/auth/login', { name, password })).body);

/** A tunnel whose program has answered. */
async function open(token: string) {
  const client = rig.tunnel(token);
  client.send('hello');
  await client.until(() => client.bytes.toString() === 'hello');
  return { client, program: upstream.connections.at(-1)! };
}

describe('B8 a session governs its tunnels', () => {
  it.each([
    ['logout', 'session_ended', (one: Account) => post('/auth/logout', undefined, one.access_token)],
    [
      'a password change elsewhere',
      'password_changed',
      (_: Account, other: Account) =>
        post(
          '/auth/password',
          { current_password: password, new_password: 'battery staple' },
          other.access_token,
        ),
    ],
    [
      'signing out the others',
      'signed_out_elsewhere',
      (_: Account, other: Account) => post('/auth/logout?scope=others', undefined, other.access_token),
    ],
  ] as const)('%s closes exactly its tunnels within a second, and says why', async (name, code, act) => {
    const player = name.replaceAll(/[^a-z]/g, '');
    const one = await rig.proxy.register(player);
    const other = await login(player);
    const mine = await open(one.access_token);
    const others = await open(other.access_token);
    const reset = once(mine.program, 'error');
    const start = performance.now();
    await act(one, other);
    expect((await mine.client.closed).code).toBe(closings[code].code);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(mine.client.heard.at(-1)).toMatchObject({
      method: 'session.closing',
      params: { reason: closings[code].text, reconnect: false },
    });
    expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
    others.client.send(' again');
    await others.client.until(() => others.client.bytes.toString() === 'hello again');
    const again = rig.tunnel(one.access_token);
    expect((await again.closed).code).toBe(closings[code].code);
    others.client.close();
  });

  it('an end reaches the program within a second though the player’s side takes nothing', async () => {
    const account = await rig.proxy.register('stuck');
    const { client, program } = await open(account.access_token);
    client.webSocket.pause();
    program.unpipe(program).pause();
    program.write(Buffer.alloc(32 * 1024 * 1024));
    const reset = once(program, 'error');
    const start = performance.now();
    await post('/auth/logout', undefined, account.access_token);
    expect((await reset)[0].code).toMatch(/^(ECONNRESET|EPIPE)$/);
    expect(performance.now() - start).toBeLessThan(1_000);
    client.webSocket.resume();
    await client.closed;
    expect(client.hasEnd).toBe(false);
  });

  it('a session that ends between the check and the connection leaves no tunnel', async () => {
    const account = await rig.proxy.register('racer');
    const attempts = Array.from({ length: 8 }, () => rig.tunnel(account.access_token));
    await Promise.all(attempts.map((each) => each.opened));
    await post('/auth/logout', undefined, account.access_token);
    for (const each of attempts) {
      expect([closings.session_ended.code, 4105]).toContain((await each.closed).code);
    }
  });

  it('expiry closes a tunnel that is not refreshed, after a warning; a refreshed one lives on', async () => {
    await rig[Symbol.asyncDispose]();
    rig = await TunnelRig.start({ upstreams: [upstream], rig: { auth: { accessTokenSeconds: 10 } } });
    const account = await rig.proxy.register('long');
    const { client: lazy } = await open(account.access_token);
    const { client: busy } = await open(account.access_token);
    // Its program takes nothing more, so that a fresh token waits behind what is on the way.
    const { client: jammed, program } = await open(account.access_token);
    program.unpipe(program).pause();
    for (let kibibytes = 0; kibibytes < 32 * 1024; kibibytes += 64) jammed.send(Buffer.alloc(65_536));
    await lazy.until(() => lazy.heard.some(({ method }) => method === 'session.expiring'));
    const refreshed = JSON.parse(
      (await post('/auth/refresh', { refresh_token: account.refresh_token })).body,
    );
    busy.say('session.refresh', { token: refreshed.access_token }, 7);
    await busy.until(() => busy.heard.some(({ id }) => id === 7));
    expect(busy.heard.find(({ id }) => id === 7).result.expiresAt).toBeGreaterThan(
      busy.heard.find(({ id }) => id === 0).result.expiresAt,
    );
    expect((await lazy.closed).code).toBe(closings.token_expired.code);
    await sleep(100);
    busy.send(' on');
    await busy.until(() => busy.bytes.toString() === 'hello on');
    busy.say('session.refresh', { token: (await login('long')).access_token }, 8);
    await busy.until(() => busy.heard.some(({ id }) => id === 8));
    expect(busy.heard.find(({ id }) => id === 8).error.data.code).toBe('session_mismatch');
    busy.close();
    expect(jammed.webSocket.readyState).toBe(jammed.webSocket.OPEN);
    jammed.say('session.refresh', { token: refreshed.access_token }, 9);
    await sleep(100);
    expect(jammed.heard.some(({ id }) => id === 9)).toBe(false);
    program.resume();
    await jammed.until(() => jammed.heard.some(({ id }) => id === 9));
    jammed.close();
  });
});
