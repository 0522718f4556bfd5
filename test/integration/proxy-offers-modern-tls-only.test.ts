import { execFile } from 'node:child_process';
import { type ConnectionOptions, connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProxyRig } from '../support/proxy-rig.ts';

const run = promisify(execFile);
let rig: ProxyRig;

beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
});
afterAll(async () => await rig[Symbol.asyncDispose]());

/** What was agreed on, or the error's code. */
function handshake(
  options: ConnectionOptions,
): Promise<{ group?: string; protocol?: string; alpn?: unknown; error?: string }> {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port: rig.port,
      servername: 'localhost',
      ca: rig.ca,
      ...options,
    });
    socket.once('secureConnect', () => {
      const { name } = socket.getEphemeralKeyInfo() as { name?: string };
      resolve({
        ...(name === undefined ? {} : { group: name }),
        protocol: socket.getProtocol() ?? '',
        alpn: socket.alpnProtocol,
      });
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
  });
}

describe('A1 protocols and ciphers', () => {
  it('offers TLS 1.2 and 1.3 with authenticated encryption and forward secrecy, and nothing else', async () => {
    const { stdout: xml } = await run('sslscan', ['--no-colour', '--xml=-', `127.0.0.1:${rig.port}`]);
    const protocols = [...xml.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="(\d)"/g)].map(
      ([, type, version, enabled]) => `${type}${version}=${enabled}`,
    );
    expect(protocols.sort()).toEqual(['ssl2=0', 'ssl3=0', 'tls1.0=0', 'tls1.1=0', 'tls1.2=1', 'tls1.3=1']);

    const ciphers = [...xml.matchAll(/<cipher [^>]*sslversion="([^"]+)"[^>]*cipher="([^"]+)"/g)].map(
      ([, version, cipher]) => `${version} ${cipher}`,
    );
    // The certificate has an elliptic-curve key, so of the six suites of TLS 1.2 the three with ECDSA can be seen.
    expect(ciphers.sort()).toEqual([
      'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256',
      'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
      'TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305',
      'TLSv1.3 TLS_AES_128_GCM_SHA256',
      'TLSv1.3 TLS_AES_256_GCM_SHA384',
      'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256',
    ]);
    expect(xml).toContain('<signature-algorithm>ecdsa-with-SHA256</signature-algorithm>');
    expect(xml).toMatch(/<renegotiation supported="0"/);
  });
});

describe('A3 post-quantum key exchange', () => {
  it.each([
    ['the client’s defaults', undefined, 'X25519MLKEM768'],
    ['only the hybrid', 'X25519MLKEM768', 'X25519MLKEM768'],
    ['a client without it', 'X25519', 'X25519'],
  ])('with %s', async (_name, ecdhCurve, expected) => {
    const agreed = await handshake(ecdhCurve === undefined ? {} : { ecdhCurve });
    expect(agreed).toMatchObject({ protocol: 'TLSv1.3', group: expected });
  });

  it('refuses a client that has only P-521', async () => {
    expect(await handshake({ ecdhCurve: 'secp521r1' })).toMatchObject({
      error: expect.stringMatching(/ALERT|HANDSHAKE/),
    });
  });
});

describe('A8 application protocol', () => {
  it.each([[['h2']], [['castling-link/1']], [['x']]])(
    'refuses a client that speaks only %j',
    async (offered) => {
      expect(await handshake({ ALPNProtocols: offered })).toMatchObject({
        error: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
      });
    },
  );

  it('agrees on http/1.1, whatever else is offered', async () => {
    expect(await handshake({ ALPNProtocols: ['h2', 'http/1.1'] })).toMatchObject({ alpn: 'http/1.1' });
    expect(await handshake({})).toMatchObject({ alpn: false });
  });
});
