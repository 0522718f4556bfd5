import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendHere } from '../support/backend-here.ts';
import { LinkCertificates } from '../support/link-certificates.ts';

const certificates = new LinkCertificates();
let here: BackendHere;
beforeAll(async () => {
  here = await BackendHere.start({ certificates });
});
afterAll(async () => {
  await here.backend.stop();
  certificates.remove();
});

/** How a handshake with these options ends: an error's code, or the first bytes that came, or `closed`. */
async function attempt(options: ConnectionOptions): Promise<string> {
  const socket = connect({
    port: here.port,
    host: '127.0.0.1',
    ca: certificates.read('ca.pem'),
    servername: 'backend.castling.internal',
    ...certificates.credential('link-client'),
    ...options,
  });
  try {
    return await new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('data', (chunk: Buffer) => resolve(`data ${chunk[4]}`));
      socket.once('close', () => resolve('closed'));
    });
  } finally {
    socket.destroy();
  }
}

describe('A8 the link speaks its own protocol only', () => {
  it.each([[['http/1.1']], [['h2']], [['x']], [['castling-link/2']], [['castling-link/1x']]])(
    'answers an offer of %j with no_application_protocol',
    async (ALPNProtocols) => {
      expect(await attempt({ ALPNProtocols })).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    },
  );

  it('closes on a client that offers nothing, and sends it nothing', async () => {
    expect(await attempt({})).toBe('closed');
    await here.logged('it did not offer castling-link/1');
  });

  it('greets one that offers it, among others too', async () => {
    expect(await attempt({ ALPNProtocols: ['x', 'castling-link/1'] })).toBe('data 1');
  });
});

describe('A3 the link takes the post-quantum hybrid only', () => {
  const ALPNProtocols = ['castling-link/1'];

  it.each(['X25519', 'P-256', 'P-521', 'X25519:P-256'])('refuses %s', async (ecdhCurve) => {
    expect(await attempt({ ALPNProtocols, ecdhCurve })).toBe('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE');
  });

  it.each([undefined, 'X25519MLKEM768', 'X25519:X25519MLKEM768'])('takes %s', async (ecdhCurve) => {
    expect(await attempt({ ALPNProtocols, ...(ecdhCurve && { ecdhCurve }) })).toBe('data 1');
  });
});
