import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  altName,
  CERTIFICATE_ROLES,
  type CertificateRole,
  LEAF_ROLES,
  requiredNames,
} from '../../../../src/process/certificates/certificate-roles.ts';
import type { FoundCertificate } from '../../../../src/process/certificates/inspect-certificate.ts';
import { issueAuthority, issueLeaf } from '../../../../src/process/certificates/issue-certificate.ts';
import {
  type PlanInput,
  planRenewal,
  RENEW_WITHIN_MS,
} from '../../../../src/process/certificates/renewal-plan.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2030, 0, 1);

type Found = PlanInput['found'];

function whole(certificate: string, names: string[] = []): FoundCertificate {
  const x509 = new X509Certificate(certificate);
  return {
    state: 'whole',
    x509,
    certificate,
    key: '',
    names: names.map(altName),
    startsAt: x509.validFromDate.getTime(),
    expiresAt: x509.validToDate.getTime(),
  };
}

/** A complete folder as it is made at `now`. */
async function made(now: number): Promise<Found> {
  const authority = await issueAuthority(now);
  const ca = whole(authority.certificate);
  const authorityExpiresAt = new X509Certificate(authority.certificate).validToDate.getTime();
  const found: Partial<Found> = { ca };
  for (const role of LEAF_ROLES) {
    const names = requiredNames(role, ['game.lan']);
    const leaf = await issueLeaf({ role, names, authority, authorityExpiresAt, now });
    found[role] = whole(
      leaf.certificate,
      names.map(({ value }) => value),
    );
  }
  return found as Found;
}

let found: Found;
let older: Found;
beforeAll(async () => {
  found = await made(NOW);
  older = await made(NOW - 10 * DAY_MS);
});

const plan = (input: Partial<PlanInput>) =>
  planRenewal({ found, proxyNames: ['game.lan'], now: NOW, ...input });
const renewed = (input: Partial<PlanInput>) => {
  const verdicts = plan(input);
  return CERTIFICATE_ROLES.filter((role) => verdicts[role].renew);
};
const reason = (role: CertificateRole, input: Partial<PlanInput>) => {
  const verdict = plan(input)[role];
  return verdict.renew ? verdict.why : undefined;
};

describe('planRenewal', () => {
  it('keeps everything that is fresh', () => {
    expect(renewed({})).toEqual([]);
  });

  it('renews all when asked to, and all when the CA is missing or damaged', () => {
    expect(renewed({ force: true })).toEqual(CERTIFICATE_ROLES);
    expect(renewed({ found: { ...found, ca: { state: 'missing' } } })).toEqual(CERTIFICATE_ROLES);
    expect(renewed({ found: { ...found, ca: { state: 'damaged', why: 'x' } } })).toEqual(CERTIFICATE_ROLES);
  });

  it('renews from a week before the end, and not a second earlier', () => {
    const end = found.ca.state === 'whole' ? found.ca.expiresAt : 0;
    expect(renewed({ now: end - RENEW_WITHIN_MS - 1000 })).toEqual([]);
    expect(renewed({ now: end - RENEW_WITHIN_MS })).toEqual(CERTIFICATE_ROLES);
    expect(reason('ca', { now: end })).toBe('expired');
  });

  it('renews one leaf alone when only that one is wrong', () => {
    for (const role of LEAF_ROLES) {
      expect(renewed({ found: { ...found, [role]: { state: 'missing' } } })).toEqual([role]);
      expect(renewed({ found: { ...found, [role]: older[role] } })).toEqual([role]);
      expect(reason(role, { found: { ...found, [role]: older[role] } })).toBe('signed by another CA');
    }
  });

  it('renews a link certificate that was put in the other end’s place', () => {
    expect(reason('link-server', { found: { ...found, 'link-server': found['link-client'] } })).toBe(
      'meant for another use',
    );
  });

  it('renews a leaf in whose place the CA itself was put', () => {
    expect(reason('proxy', { found: { ...found, proxy: found.ca } })).toBe('it was a CA itself');
  });

  it('renews the proxy’s when it lacks a name, and names it', () => {
    expect(renewed({ proxyNames: ['other.lan'] })).toEqual(['proxy']);
    expect(reason('proxy', { proxyNames: ['other.lan'] })).toBe('lacked other.lan');
  });

  it('renews what is not valid yet, since the clock was wrong when it was made', () => {
    expect(reason('ca', { now: NOW - DAY_MS })).toBe('not valid yet');
  });

  it('never touches what somebody else issued, not even when asked to renew all', () => {
    const foreign: FoundCertificate = { state: 'foreign', fault: 'x', startsAt: 0, expiresAt: 1 };
    expect(renewed({ force: true, found: { ...found, proxy: foreign } })).not.toContain('proxy');
    expect(
      renewed({ found: { ca: foreign, proxy: foreign, 'link-server': foreign, 'link-client': foreign } }),
    ).toEqual([]);
  });
});
