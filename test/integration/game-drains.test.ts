import { copyFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackendCycle } from '../support/backend-cycle.ts';
import { pseudonym } from '../support/link-peer.ts';

describe('a backend process', () => {
  let cycle: BackendCycle;
  beforeEach(async () => {
    cycle = new BackendCycle();
    await cycle.start();
  });
  afterEach(() => cycle.remove());

  it('says go-away on SIGTERM, answers what is in flight, and ends with 0', async () => {
    const link = await cycle.link();
    const channel = link.openChannel(pseudonym('ada'));
    const answers = Array.from({ length: 50 }, (_, index) =>
      channel.request('match.create', {
        game: 'tic-tac-toe',
        visibility: 'public',
        commandId: `create-${index}`,
      }),
    );
    await answers[0];
    cycle.backend.child.kill('SIGTERM');
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
    await link.closed;
    expect(link.goAways).toMatchObject([{ reason: 'draining' }]);
    expect(await cycle.backend.ended).toBe(0);
  });

  it('keeps its certificates on SIGHUP when the new ones are no good, and takes good ones', async () => {
    const { certificates } = cycle;
    const old = certificates.read('link-server.pem');
    certificates.issue({
      name: 'other',
      issuer: 'ca',
      usage: 'serverAuth',
      dns: 'backend.castling.internal',
    });
    copyFileSync(certificates.path('other.pem'), certificates.path('link-server.pem'));
    const link = await cycle.link();
    cycle.backend.child.kill('SIGHUP');
    await logged(cycle, 'cannot be used; the old ones stay');
    const serial = async () => {
      const peer = await cycle.connect();
      const { serialNumber } = peer.socket.getPeerCertificate();
      await peer.close();
      return serialNumber;
    };
    const before = await serial();
    expect(certificates.read('link-server.pem')).not.toBe(old);
    copyFileSync(certificates.path('other-key.pem'), certificates.path('link-server-key.pem'));
    cycle.backend.child.kill('SIGHUP');
    await link.closed;
    expect(link.goAways).toMatchObject([{ reason: 'certificates_changed' }]);
    expect(await serial()).not.toBe(before);
  });

  it('refuses development certificates in production', async () => {
    await cycle.backend.kill();
    const { ensureDevelopmentCertificates } = await import('../../src/process/certificates/index.ts');
    await ensureDevelopmentCertificates({ folder: cycle.data, names: [], force: false });
    const env = { NODE_ENV: 'production', CASTLING_UNSAFE_OLD_NODE: 'true' };
    await expect(cycle.start({ certs: cycle.data, env })).rejects.toThrow(
      /ended with 78[\s\S]*development certificate/,
    );
  });
});

async function logged(cycle: BackendCycle, text: string): Promise<void> {
  while (!cycle.backend.log.includes(text)) {
    await new Promise((resolve) => cycle.backend.child.stderr?.once('data', resolve));
  }
}
