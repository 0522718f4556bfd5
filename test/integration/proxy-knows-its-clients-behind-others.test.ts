import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slownessDefaults } from '../../src/settings/index.ts';
import { byteByByte, type CuttingRelay, startCuttingRelay } from '../support/cutting-relay.ts';
import { proxyHeaderFor, proxyHeaderV2 } from '../support/proxy-headers.ts';
import { rawExchange } from '../support/proxy-raw.ts';
import { ProxyRig, type ProxyRigOptions } from '../support/proxy-rig.ts';

const siteTries = 12;
const auth = { limits: { guesses: { siteTries } } } as const;
const twice = ['first', 'second'] as const;

/** As many wrong tries as one site has, and one more; gives the status of the last. */
async function guess(rig: ProxyRig, headers: Record<string, string>, port = rig.port): Promise<number> {
  let status = 0;
  for (let count = 0; count <= siteTries; count += 1) {
    status = await tryOnce(rig, { name: `nobody${count}`, headers, port });
  }
  return status;
}

async function tryOnce(
  rig: ProxyRig,
  { name, headers, port }: { name: string; headers: Record<string, string>; port: number },
): Promise<number> {
  const answer = await rig.request('/auth/login', {
    port,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ name, password: 'wrong password' }),
  });
  return answer.status;
}

/** The clients of the requests so far, as the log has them. */
function clientsIn(rig: ProxyRig, path: string): string[] {
  return rig.log
    .split('\n')
    .filter((line) => line.includes(`"path":"${path}"`))
    .map((line) => JSON.parse(line).client);
}

/** An answer may be there before its line in the log. */
async function logged(rig: ProxyRig, path: string, clients: readonly string[]): Promise<void> {
  await expect.poll(() => [...new Set(clientsIn(rig, path))].sort()).toEqual([...clients].sort());
}

async function metric(rig: ProxyRig, reason: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${rig.adminPort}/metrics`)).text();
  return Number(new RegExp(`refused_connections_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

describe('B4 header trust: with nobody in front', () => {
  let rig: ProxyRig;
  beforeAll(async () => {
    rig = await ProxyRig.start({ backend: false, auth });
  });
  afterAll(async () => await rig[Symbol.asyncDispose]());

  it('fields in which a stranger names another client change nothing', async () => {
    let last = 0;
    for (let count = 0; count <= siteTries; count += 1) {
      const headers = {
        'x-forwarded-for': `198.51.100.${count}`,
        forwarded: `for=198.51.100.${count}`,
        'x-real-ip': `198.51.100.${count}`,
      };
      last = await tryOnce(rig, { name: `nobody${count}`, headers, port: rig.port });
    }
    expect(last).toBe(429);
    await logged(rig, '/auth/login', ['127.0.0.1']);
  });

  it('fields in which a stranger names himself as a player change nothing, and two of one kind are refused', async () => {
    const names = {
      'x-castling-player': 'p_x',
      x_castling_player: 'p_x',
      connection: 'close, X-Castling-Player',
    };
    expect((await rig.request('/auth/me', { headers: names })).status).toBe(401);
    for (const field of ['Host: localhost', 'Authorization: Bearer a']) {
      const text = `GET /auth/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer b\r\n${field}\r\n\r\n`;
      expect((await rawExchange(rig, text)).text).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('a PROXY header is no beginning of TLS', async () => {
    const relay = await startCuttingRelay({ port: rig.port, prefix: proxyHeaderFor('198.51.100.1') });
    await expect(rig.request('/', { port: relay.port })).rejects.toThrow();
    await relay.close();
    expect((await rig.request('/')).status).toBe(200);
  });
});

describe('B4 header trust: behind a proxy that says for whom it speaks', () => {
  const trust = (addressTrust: object): ProxyRigOptions => ({
    backend: false,
    auth,
    proxy: { addressTrust },
  });

  it('limits and logs count the client that X-Forwarded-For names last, not the proxy', async () => {
    await using rig = await ProxyRig.start(
      trust({ trustedProxies: ['127.0.0.0/8'], forwardedField: 'x-forwarded-for' }),
    );
    expect(await guess(rig, { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' })).toBe(429);
    expect(await guess(rig, { 'x-forwarded-for': '203.0.113.10, 198.51.100.1' })).toBe(429);
    const other = {
      name: 'nobody',
      headers: { 'x-forwarded-for': '203.0.113.9, 198.51.100.2' },
      port: rig.port,
    };
    expect(await tryOnce(rig, other)).toBe(401);
    await logged(rig, '/auth/login', ['198.51.100.1', '198.51.100.2']);
  });

  it('a Forwarded field that cannot be read is refused, on upgrades too', async () => {
    await using rig = await ProxyRig.start(
      trust({ trustedProxies: ['127.0.0.1'], forwardedField: 'forwarded' }),
    );
    const headers = { forwarded: 'for="' };
    expect((await rig.request('/', { headers })).status).toBe(400);
    await expect(rig.connect({ webSocket: { headers } }).opened).rejects.toThrow('400');
    expect((await rig.request('/', { headers: { forwarded: 'for="[2001:db8::1]:80"' } })).status).toBe(200);
    await expect.poll(() => clientsIn(rig, '/')).toContain('2001:db8::1');
  });
});

describe('B4 the PROXY protocol: behind a load balancer', () => {
  let rig: ProxyRig;
  const relays: CuttingRelay[] = [];
  /** How long one who sends half a header was let wait, in milliseconds. */
  let waited: Promise<number>;
  beforeAll(async () => {
    rig = await ProxyRig.start({
      auth,
      proxy: { addressTrust: { proxyProtocol: 'required', trustedProxies: ['127.0.0.1'] } },
    });
    const socket = connect(rig.port, '127.0.0.1').on('error', () => {});
    socket.write(proxyHeaderFor('198.51.100.6').subarray(0, 20));
    const startedAt = performance.now();
    waited = new Promise((resolve) => {
      socket.resume().once('close', () => resolve(performance.now() - startedAt));
    });
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.close()));
    await rig[Symbol.asyncDispose]();
  });
  const behind = async (prefix: Buffer, cut?: (bytes: Buffer) => readonly Buffer[]) => {
    const relay = await startCuttingRelay({ port: rig.port, prefix, ...(cut && { cut }) });
    relays.push(relay);
    return relay.port;
  };

  it('limits and logs count the client that the header names', async () => {
    const first = await behind(proxyHeaderFor('198.51.100.1'));
    const second = await behind(Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::8 40000 8443\r\n'));
    expect(await guess(rig, {}, first)).toBe(429);
    expect(await tryOnce(rig, { name: 'nobody', headers: {}, port: second })).toBe(401);
    await logged(rig, '/auth/login', ['198.51.100.1', '2001:db8::7']);
  });

  it.each(twice)(
    'works with the header and the handshake byte by byte, and in one packet: %s time',
    async (which) => {
      const [client, cut] = which === 'first' ? ['198.51.100.3', byteByByte] : ['198.51.100.4', undefined];
      const port = await behind(
        proxyHeaderFor(client as string, Buffer.alloc(100)),
        cut as typeof byteByByte,
      );
      expect((await rig.request('/auth/me', { port })).status).toBe(401);
      await expect.poll(() => clientsIn(rig, '/auth/me')).toContain(client);
    },
  );

  it('players play through it', async () => {
    const port = await behind(proxyHeaderFor('198.51.100.5'));
    const { access_token: token } = await (async () => {
      const answer = await rig.request('/auth/register', {
        port,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'ada', password: 'correct horse battery' }),
      });
      return JSON.parse(answer.body);
    })();
    const player = rig.connect({ url: `https://localhost:${port}`, token });
    await player.opened;
    player.webSocket.close();
    await player.closed;
  });

  it('a check of the load balancer itself is served as its own', async () => {
    const port = await behind(proxyHeaderV2({ versionAndCommand: 0x20, family: 0 }));
    expect((await rig.request('/api/matches', { port })).status).toBe(404);
    await logged(rig, '/api/matches', ['127.0.0.1']);
  });

  it.each([
    ['no header', Buffer.alloc(0)],
    ['a header about a UNIX socket', proxyHeaderV2({ family: 0x31, body: Buffer.alloc(216) })],
    ['a header that is too long', proxyHeaderV2({ length: 65_535 })],
  ])('%s is refused and counted', async (_what, prefix) => {
    const before = await metric(rig, 'proxy_header_invalid');
    const port = await behind(prefix);
    await expect(rig.request('/', { port })).rejects.toThrow();
    expect(await metric(rig, 'proxy_header_invalid')).toBe(before + 1);
  });

  it('a sender who is not trusted is refused before it is read', async () => {
    await using closed = await ProxyRig.start({
      backend: false,
      proxy: { addressTrust: { proxyProtocol: 'required', trustedProxies: ['192.0.2.1'] } },
    });
    const relay = await startCuttingRelay({ port: closed.port, prefix: proxyHeaderFor('198.51.100.1') });
    relays.push(relay);
    await expect(closed.request('/', { port: relay.port })).rejects.toThrow();
    expect(await metric(closed, 'sender_not_trusted')).toBe(1);
  });

  it('half a header is waited for no longer than a handshake', async () => {
    expect(await waited).toBeLessThan(slownessDefaults.handshake + 2_000);
    expect(await metric(rig, 'late')).toBe(1);
  });
});
