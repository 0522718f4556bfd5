import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkAlpn } from '../../src/protocol/link-messages.ts';
import { type DialOptions, dialBackend } from '../../src/proxy/link/dial-backend.ts';
import { LinkCertificates } from '../support/link-certificates.ts';

const name = 'backend.castling.internal';
let certificates: LinkCertificates;
let publicCa: LinkCertificates;

beforeAll(() => {
  certificates = new LinkCertificates();
  publicCa = new LinkCertificates();
  const issue = certificates.issue.bind(certificates);
  issue({ name: 'wrong-name', issuer: 'ca', usage: 'serverAuth', dns: 'other.castling.internal' });
  issue({ name: 'wildcard', issuer: 'ca', usage: 'serverAuth', dns: '*.castling.internal' });
  issue({ name: 'address-only', issuer: 'ca', usage: 'serverAuth', ip: '127.0.0.1' });
  // `issue` makes the file's name the common name, too.
  issue({ name, issuer: 'ca', usage: 'serverAuth' });
  issue({ name: 'client-usage', issuer: 'ca', usage: 'clientAuth', dns: name });
  issue({ name: 'no-usage', issuer: 'ca', dns: name });
  issue({ name: 'is-ca', issuer: 'ca', isCa: true, usage: 'serverAuth', dns: name });
  issue({ name: 'middle', issuer: 'ca', isCa: true });
  issue({ name: 'below-middle', issuer: 'middle', usage: 'serverAuth', dns: name });
  issue({
    name: 'expired',
    issuer: 'ca',
    usage: 'serverAuth',
    dns: name,
    notBefore: '20200101000000Z',
    notAfter: '20200201000000Z',
  });
});
afterAll(() => {
  certificates.remove();
  publicCa.remove();
});

/** Listens as a backend would, with a given certificate, and gives what dialling it comes to. */
async function dial(tls: TlsOptions, overrides: Partial<DialOptions> = {}): Promise<string> {
  const server: Server = createServer({ minVersion: 'TLSv1.3', ALPNProtocols: [linkAlpn], ...tls });
  server.on('secureConnection', (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const credential = certificates.credential('link-client');
  try {
    const socket = await dialBackend({
      host: '127.0.0.1',
      port,
      ca: certificates.read('ca.pem'),
      certificate: credential.cert,
      key: credential.key,
      timeoutMs: 2_000,
      ...overrides,
    });
    socket.destroy();
    return 'connected';
  } catch (error) {
    const { code, cause } = error as { code: string; cause?: Error };
    return `${code}: ${cause?.message ?? ''}`;
  } finally {
    server.close();
  }
}

describe('A12 the link’s proxy side checks the backend', () => {
  it('connects to the right one', async () => {
    expect(await dial(certificates.credential('link-server'))).toBe('connected');
  });

  it.each([
    ['another name', 'wrong-name', 'no DNS name'],
    ['a wildcard', 'wildcard', 'no DNS name'],
    ['an address and no name', 'address-only', 'no DNS name'],
    ['the name as common name only', name, 'no DNS name'],
    ['a client’s extended key usage', 'client-usage', /unsuitable certificate purpose|not for TLS servers/],
    ['no extended key usage', 'no-usage', 'not for TLS servers'],
    ['a CA certificate', 'is-ca', /unsuitable certificate purpose|a CA certificate/],
    ['a validity in the past', 'expired', /expired/],
  ])('refuses %s', async (_what, credential, why) => {
    const outcome = await dial(certificates.credential(credential));
    expect(outcome).toMatch(/^backend_not_trusted: /);
    expect(outcome).toMatch(why);
  });

  it('refuses a certificate of an intermediate, though its chain is valid', async () => {
    const { cert, key } = certificates.credential('below-middle');
    const outcome = await dial({ cert: cert + certificates.read('middle.pem'), key });
    expect(outcome).toBe('backend_not_trusted: not signed directly by the link CA');
  });

  it('refuses another CA, also when the environment adds it to the trusted ones', async () => {
    expect(await dial(publicCa.credential('link-server'))).toMatch(/^backend_not_trusted: /);
    // NODE_EXTRA_CA_CERTS is read as a process starts, so this one is asked in a process of its own.
    const script = `
      const { dialBackend } = await import(${JSON.stringify(new URL('../../src/proxy/link/dial-backend.ts', import.meta.url).href)});
      const { connect } = await import('node:tls');
      const plain = connect({ port: Number(process.env.PORT), host: '127.0.0.1', servername: '${name}', ALPNProtocols: ['${linkAlpn}'] });
      const trusts = await new Promise((r) => plain.once('secureConnect', () => r(true)).once('error', () => r(false)));
      plain.destroy();
      const code = await dialBackend({ host: '127.0.0.1', port: Number(process.env.PORT), ca: process.env.CA, certificate: process.env.CERT, key: process.env.KEY })
        .then(() => 'connected', (error) => error.code);
      console.log(JSON.stringify({ trusts, code }));
      process.exit();`;
    const server = createServer({
      ...publicCa.credential('link-server'),
      minVersion: 'TLSv1.3',
      ALPNProtocols: [linkAlpn],
    });
    server.on('tlsClientError', () => {});
    server.on('secureConnection', (socket) => socket.on('error', () => {}));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const credential = certificates.credential('link-client');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: {
        ...process.env,
        NODE_EXTRA_CA_CERTS: publicCa.path('ca.pem'),
        PORT: String((server.address() as { port: number }).port),
        CA: certificates.read('ca.pem'),
        CERT: credential.cert,
        KEY: credential.key,
      },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await once(child, 'close');
    server.close();
    // The first shows that the environment had its effect: anything else in that process would have connected.
    expect(JSON.parse(output)).toEqual({ trusts: true, code: 'backend_not_trusted' });
  });

  it('A3 on the link: no key exchange but the hybrid, no protocol but its own, nothing below TLS 1.3', async () => {
    const right = certificates.credential('link-server');
    expect(await dial({ ...right, ecdhCurve: 'X25519' })).toMatch(/^handshake_failed/);
    expect(await dial({ ...right, ALPNProtocols: ['http/1.1'] })).toMatch(/^handshake_failed/);
    const { ALPNProtocols: _none, ...noAlpn } = { ...right, ALPNProtocols: undefined };
    expect(await dial({ ...noAlpn, ALPNProtocols: [] })).toMatch(/^handshake_failed/);
    expect(await dial({ ...right, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })).toMatch(
      /^handshake_failed/,
    );
  });

  it('says that nobody answers, and gives up on one who does not speak', async () => {
    expect(await dial(certificates.credential('link-server'), { port: 1 })).toMatch(/^unreachable/);
  });
});
