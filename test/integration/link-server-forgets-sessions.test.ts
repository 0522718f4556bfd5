import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackendHere } from '../support/backend-here.ts';
import { LinkCertificates } from '../support/link-certificates.ts';
import { LinkPeer } from '../support/link-peer.ts';

describe('A13 revocation beats resumption on the link', () => {
  let certificates: LinkCertificates;
  let here: BackendHere;
  beforeEach(async () => {
    certificates = new LinkCertificates();
    here = await BackendHere.start({ certificates, limits: { goAwayMs: 200, lingerMs: 20 } });
  });
  afterEach(async () => {
    await here.backend.stop();
    certificates.remove();
  });

  /** Connects, and keeps the session that the server offered, if it offered one. */
  async function authenticate(): Promise<{
    peer: LinkPeer;
    sessions: Buffer[];
    ca: string;
    credential: { cert: string; key: string };
  }> {
    const sessions: Buffer[] = [];
    const ca = certificates.read('ca.pem');
    const credential = certificates.credential('link-client');
    const peer = await LinkPeer.connect({ port: here.port, ca, credential });
    peer.socket.on('session', (session) => sessions.push(session));
    peer.openChannel('y_AAAAAAAAAAAAAAAAAAAAAA' as never);
    await peer.request('match.events', { match: 'm_AAAAAAAAAAAAAAAA', audience: 'all', after: 0, limit: 1 });
    const session = peer.socket.getSession();
    return { peer, sessions: session ? [session, ...sessions] : sessions, ca, credential };
  }

  it('never resumes, with a certificate or without, before any change', async () => {
    const { peer, sessions, ca, credential } = await authenticate();
    expect(sessions.length).toBeGreaterThan(0);
    for (const session of sessions) {
      const again = await LinkPeer.connect({ port: here.port, ca, credential, tls: { session } });
      expect(again.socket.isSessionReused()).toBe(false);
      await again.close();
      await expect(LinkPeer.connect({ port: here.port, ca, tls: { session } })).rejects.toThrow();
    }
    await peer.close();
  });

  it('refuses at once what a revocation list names, and sends the old connection away', async () => {
    const { peer, sessions, ca, credential } = await authenticate();
    await here.renew(certificates.revoke('link-client'));
    for (const session of [undefined, ...sessions]) {
      const tls = session ? { session } : {};
      await expect(LinkPeer.connect({ port: here.port, ca, credential, tls })).rejects.toThrow();
      await expect(LinkPeer.connect({ port: here.port, ca, tls })).rejects.toThrow();
    }
    await peer.closed;
    expect(peer.goAways).toMatchObject([{ reason: 'certificates_changed' }]);
    expect(here.log).toContain('CERT_REVOKED');
  });

  it('refuses at once what another CA has signed, after the CA was exchanged', async () => {
    const { peer, sessions, ca, credential } = await authenticate();
    certificates.issue({ name: 'ca', isCa: true });
    const server = { issuer: 'ca', usage: 'serverAuth', dns: 'backend.castling.internal' };
    certificates.issue({ ...server, name: 'link-server' });
    await here.renew();
    const both = `${ca}\n${certificates.read('ca.pem')}`;
    for (const session of [undefined, ...sessions]) {
      const tls = session ? { session } : {};
      await expect(LinkPeer.connect({ port: here.port, ca: both, credential, tls })).rejects.toThrow();
      await expect(LinkPeer.connect({ port: here.port, ca: both, tls })).rejects.toThrow();
    }
    await peer.closed;
    certificates.issue({
      name: 'link-client',
      issuer: 'ca',
      usage: 'clientAuth',
      dns: 'proxy.castling.internal',
    });
    const fresh = await here.connect();
    expect(fresh.hello.role).toBe('backend');
    await fresh.close();
  });
});
