import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteByByte, startCuttingRelay } from '../support/cutting-relay.ts';
import { proxyHeaderFor } from '../support/proxy-headers.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

/** A hello with a key share of X25519MLKEM768 has at least 1,216 bytes of it, more than fit into one packet of most networks. */
const postQuantumBytes = 1_216;

const inTwo = (bytes: Buffer) => [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];
const cuts = [
  ['byte by byte', byteByByte],
  ['in two', inTwo],
  ['with the record header alone', (bytes: Buffer) => [bytes.subarray(0, 5), bytes.subarray(5)]],
] as const;

describe.each([
  ['the player port', Buffer.alloc(0), 'off'],
  ['behind a load balancer that writes PROXY headers', proxyHeaderFor('198.51.100.1'), 'required'],
] as const)('A4 a large ClientHello in pieces, at %s', (_where, prefix, proxyProtocol) => {
  let rig: ProxyRig;
  beforeAll(async () => {
    rig = await ProxyRig.start({
      backend: false,
      certificates: [{ name: 'named', dns: 'named.example' }],
      proxy: { addressTrust: { proxyProtocol, trustedProxies: ['127.0.0.1'] } },
    });
  });
  afterAll(async () => await rig[Symbol.asyncDispose]());

  it.each(cuts)('is understood %s, the server name in it too', async (_how, cut) => {
    let helloBytes = 0;
    const relay = await startCuttingRelay({
      port: rig.port,
      prefix,
      cut: (bytes) => {
        helloBytes = bytes.length - prefix.length;
        return cut(bytes);
      },
    });
    const socket = connect({ host: '127.0.0.1', port: relay.port, servername: 'named.example', ca: rig.ca });
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(helloBytes).toBeGreaterThan(postQuantumBytes);
    expect(socket.getEphemeralKeyInfo()).toMatchObject({ name: 'X25519MLKEM768' });
    expect(socket.getPeerX509Certificate()?.subjectAltName).toBe('DNS:named.example');
    socket.destroy();
    await relay.close();
  });
});
