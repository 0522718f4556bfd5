import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendHere } from '../support/backend-here.ts';
import { LinkCertificates, stamp } from '../support/link-certificates.ts';
import { pseudonym } from '../support/link-peer.ts';

const proxyName = 'proxy.castling.internal';
const hour = 3_600_000;

describe('A11 the link needs a right client certificate', () => {
  const certificates = new LinkCertificates();
  let here: BackendHere;

  beforeAll(async () => {
    const leaf = { issuer: 'ca', usage: 'clientAuth', dns: proxyName };
    certificates.issue({ name: 'self-signed', usage: 'clientAuth', dns: proxyName });
    certificates.issue({ name: 'other-ca', isCa: true });
    certificates.issue({ ...leaf, name: 'of-other-ca', issuer: 'other-ca' });
    certificates.issue({ ...leaf, name: 'server-usage', usage: 'serverAuth' });
    certificates.issue({ ...leaf, name: 'both-usages', usage: 'serverAuth,clientAuth' });
    certificates.issue({ name: 'no-usage', issuer: 'ca', dns: proxyName });
    certificates.issue({ ...leaf, name: 'other-name', dns: 'backend.castling.internal' });
    certificates.issue({ ...leaf, name: 'wildcard', dns: '*.castling.internal' });
    certificates.issue({ name: proxyName, issuer: 'ca', usage: 'clientAuth', ip: '127.0.0.1' });
    certificates.issue({
      ...leaf,
      name: 'expired',
      notBefore: stamp(Date.now() - 3 * hour),
      notAfter: stamp(Date.now() - hour),
    });
    certificates.issue({ ...leaf, name: 'not-yet', notBefore: stamp(Date.now() + hour) });
    certificates.issue({ ...leaf, name: 'a-ca', isCa: true });
    let issuer = 'ca';
    for (const name of ['level-1', 'level-2', 'level-3', 'level-4']) {
      certificates.issue({ name, issuer, isCa: true });
      issuer = name;
    }
    certificates.issue({ ...leaf, name: 'deep', issuer });
    certificates.issue({ ...leaf, name: 'revoked' });
    here = await BackendHere.start({ certificates });
  });
  afterAll(async () => {
    await here.backend.stop();
    certificates.remove();
  });

  it.each([
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['of-other-ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['server-usage', 'INVALID_PURPOSE'],
    ['link-server', 'INVALID_PURPOSE'],
    ['both-usages', 'not for the client side alone'],
    ['no-usage', 'not for the client side alone'],
    ['other-name', `not the DNS name ${proxyName}`],
    ['wildcard', `not the DNS name ${proxyName}`],
    [proxyName, `not the DNS name ${proxyName}`],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['not-yet', 'CERT_NOT_YET_VALID'],
    ['a-ca', 'INVALID_PURPOSE'],
  ])('refuses the certificate %s, and the log says why', async (name, reason) => {
    const before = here.log.length;
    await expect(here.connect(name)).rejects.toThrow();
    await here.logged(reason, before);
    const lines = here.log.slice(before);
    expect(lines).toContain('A link connection was refused.');
    expect(lines).toContain(reason);
    expect(lines).toMatch(/"peer":"127\.0\.0\.1:[1-9]/);
    expect(lines).not.toContain('A proxy has connected.');
  });

  it('refuses a revoked certificate, and lets in another one that the same list does not name', async () => {
    const before = here.log.length;
    await here.renew(certificates.revoke('revoked'));
    await expect(here.connect('revoked')).rejects.toThrow();
    await here.logged('CERT_REVOKED', before);
    await (await here.connect()).close();
    await here.renew();
  });

  it('refuses a certificate below four more CAs although its whole chain is shown', async () => {
    const { cert, key } = certificates.credential('deep');
    const chain = ['level-4', 'level-3', 'level-2', 'level-1'].map((name) =>
      certificates.read(`${name}.pem`),
    );
    const credential = { cert: [cert, ...chain].join('\n'), key };
    const before = here.log.length;
    await expect(here.connect(undefined, { credential })).rejects.toThrow();
    await here.logged('did not sign it directly', before);
    expect(here.log.slice(before)).not.toContain('A proxy has connected.');
  });

  it('refuses a client without a certificate', async () => {
    const before = here.log.length;
    await expect(here.connect('')).rejects.toThrow();
    await here.logged('PEER_DID_NOT_RETURN_A_CERTIFICATE', before);
    expect(here.log.slice(before)).not.toContain('A proxy has connected.');
  });

  it('refuses a client that does not speak TLS', async () => {
    const socket = connect(here.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => {});
    socket.write('{"type":"hello"}\n'.repeat(10));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(received).toString('latin1')).not.toContain('version');
    await here.logged('ERR_SSL_WRONG_VERSION_NUMBER');
  });

  it('lets a right certificate reach the game', async () => {
    const peer = await here.connect();
    const channel = peer.openChannel(pseudonym('ada'));
    expect(await channel.demand('match.list', { filter: 'mine', limit: 1 })).toEqual({ matches: [] });
    expect(peer.socket.getProtocol()).toBe('TLSv1.3');
    await peer.close();
  });

  it('refuses TLS 1.2', async () => {
    const socket = connectTls({
      ...{ port: here.port, host: '127.0.0.1', ca: certificates.read('ca.pem'), maxVersion: 'TLSv1.2' },
      ...{ ...certificates.credential('link-client'), servername: 'backend.castling.internal' },
    });
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });
});
