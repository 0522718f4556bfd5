import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenAnswer } from '../../src/auth/http-schemas.ts';
import { type ClosingCode, closings } from '../../src/protocol/closings.ts';
import type { PlayerId, SessionId } from '../../src/protocol/ids.ts';
import { SessionProxies } from '../support/session-proxies.ts';
import { TcpUpstream } from '../support/tcp-upstream.ts';
import { TunnelClient } from '../support/tunnel-client.ts';

const password = 'correct horse';
const fresh = 'battery staple';
let proxies: SessionProxies;
let upstream: TcpUpstream;

beforeAll(async () => {
  upstream = await TcpUpstream.echo();
  const route = `{ name: board, kind: tcp, upstreams: [{ address: "127.0.0.1:${upstream.port}" }] }`;
  proxies = await SessionProxies.start({ count: 0 });
  for (let count = 0; count < 2; count += 1) await proxies.startProxy({ settings: [`routes=[${route}]`] });
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
  await upstream.close();
});

const post = async (path: string, body?: object, token?: string) =>
  await proxies.accounts.post(path, body, token);
const granted = async (path: string, body: object): Promise<TokenAnswer> => (await post(path, body)).json();

interface Ends {
  readonly client: TunnelClient;
  readonly program: Socket;
}

/** A tunnel of this session by way of each proxy, whose program has answered. */
async function everywhere(token: string): Promise<Ends[]> {
  const opened: Ends[] = [];
  for (const url of proxies.urls) {
    const client = new TunnelClient({ url, ca: proxies.certificates.read('ca.pem'), route: 'board', token });
    client.send('hello');
    await client.until(() => client.bytes.toString() === 'hello');
    opened.push({ client, program: upstream.connections.at(-1) as Socket });
  }
  return opened;
}

const endings: readonly (readonly [string, ClosingCode, (one: TokenAnswer) => Promise<unknown>])[] = [
  ['logout', 'session_ended', (one) => post('/auth/logout', undefined, one.access_token)],
  [
    'a password change',
    'password_changed',
    async ({ name }) => {
      const { access_token } = await granted('/auth/login', { name, password });
      await post('/auth/password', { current_password: password, new_password: fresh }, access_token);
    },
  ],
  [
    'an operator',
    'session_revoked',
    ({ session }) => proxies.operator.revoke({ session: session as SessionId }),
  ],
  [
    'a ban',
    'banned',
    ({ player }) => proxies.operator.ban(player as PlayerId, { reason: 'cheats', until: undefined }),
  ],
  ['deletion', 'account_deleted', ({ player }) => proxies.operator.delete(player as PlayerId)],
];

describe('B8 a session that ends in another process', () => {
  it.each(endings)(
    'by %s closes its tunnels at every proxy within a second, at both ends, and nobody else’s',
    async (how, code, act) => {
      const player = how.replaceAll(' ', '');
      const one = await granted('/auth/register', { name: `${player}-one`, password });
      const other = await granted('/auth/register', { name: `${player}-other`, password });
      const mine = await everywhere(one.access_token);
      const theirs = await everywhere(other.access_token);
      const resets = mine.map(({ program }) => once(program, 'error'));
      await act(one);
      const start = performance.now();
      const codes = await Promise.all(mine.map(async ({ client }) => (await client.closed).code));
      const errors = await Promise.all(resets);
      expect(performance.now() - start).toBeLessThan(1_000);
      expect(codes).toEqual([closings[code].code, closings[code].code]);
      expect(errors.flat()).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }]);
      for (const { client } of theirs) {
        client.send(', still');
        await client.until(() => client.bytes.toString() === 'hello, still');
        client.close();
      }
    },
  );
});
