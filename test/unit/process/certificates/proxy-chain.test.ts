import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueAuthority, issueLeaf } from '../../../../src/process/certificates/issue-certificate.ts';

const pemsIn = (text: string) =>
  text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

describe('the chain that the proxy sends', () => {
  it('holds the CA after the leaf, so that a client elsewhere can show its fingerprint', async () => {
    const now = Date.now();
    const authority = await issueAuthority(now);
    const authorityExpiresAt = now + 86_400_000;
    const leaf = await issueLeaf({
      role: 'proxy',
      names: [{ kind: 'dns', value: 'localhost' }],
      authority,
      authorityExpiresAt,
      now,
    });
    const [first, second, ...more] = pemsIn(leaf.certificate).map((pem) => new X509Certificate(pem));
    expect(more).toEqual([]);
    expect(first?.ca).toBe(false);
    expect(second?.fingerprint256).toBe(new X509Certificate(authority.certificate).fingerprint256);
    expect(second !== undefined && first?.checkIssued(second)).toBe(true);
  });

  it('is the leaf alone on the link, where a chain of one is demanded', async () => {
    const now = Date.now();
    const authority = await issueAuthority(now);
    for (const role of ['link-server', 'link-client'] as const) {
      const names = [{ kind: 'dns', value: `${role}.test` }] as const;
      const leaf = await issueLeaf({ role, names, authority, authorityExpiresAt: now + 86_400_000, now });
      expect(pemsIn(leaf.certificate)).toHaveLength(1);
    }
  });
});
