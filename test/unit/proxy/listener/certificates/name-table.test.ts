import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dnsNamesOf, nameTable } from '../../../../../src/proxy/listener/certificates/name-table.ts';
import { LinkCertificates } from '../../../../support/link-certificates.ts';

const certificates = new LinkCertificates();
afterAll(() => certificates.remove());

describe('A7 nameTable', () => {
  const find = nameTable([
    { id: 'default', names: ['localhost'] },
    { id: 'wild', names: ['*.example.org', 'example.org'] },
    { id: 'exact', names: ['play.example.org'] },
    { id: 'late', names: ['play.example.org', '*.example.org', 'other.test'] },
  ]);
  const idOf = (name: string) => find(name)?.id;

  it.each([
    ['localhost', 'default'],
    ['LOCALHOST', 'default'],
    ['example.org', 'wild'],
    ['chess.example.org', 'wild'],
    ['play.example.org', 'exact'],
    ['Play.Example.Org', 'exact'],
    ['other.test', 'late'],
  ])('%s is answered by %s', (name, id) => {
    expect(idOf(name)).toBe(id);
  });

  it.each([
    '',
    '.',
    '.example.org',
    'a.b.example.org',
    'example.org.',
    'xexample.org',
    '*.example.org.evil',
    'unknown.test',
    '192.0.2.1',
    '::1',
    '__proto__',
    'constructor',
    'toString.example',
    'bücher.example',
    'a\u0000.example.net',
    'x'.repeat(255),
  ])('%j is nobody’s', (name) => {
    expect(idOf(name)).toBeUndefined();
  });

  it('answers every text, and only with an entry that has it', () => {
    const label = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
    const name = fc.oneof(
      fc.string(),
      fc.domain(),
      fc.array(label, { maxLength: 4 }).map((all) => all.join('.')),
    );
    const names = fc.array(
      fc.oneof(
        fc.domain(),
        fc.domain().map((domain) => `*.${domain}`),
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(name, fc.array(names, { maxLength: 4 }), fc.nat(), (random, lists, pick) => {
        const all = lists.flat();
        const asked = pick % 2 === 0 ? random : (all[pick % (all.length || 1)] ?? random).replace('*', 'any');
        const found = nameTable(lists.map((each) => ({ names: each })))(asked)?.names;
        const fits = (each: string) =>
          each.startsWith('*.')
            ? asked.toLowerCase().replace(/^[^.]+/, '*') === each
            : asked.toLowerCase() === each;
        expect(found !== undefined).toBe(all.some(fits));
        if (found !== undefined) expect(found.some(fits)).toBe(true);
      }),
    );
  });
});

describe('dnsNamesOf', () => {
  it('gives the DNS names of subjectAltName in lower case, and nothing of the common name', () => {
    certificates.issue({
      name: 'many',
      issuer: 'ca',
      dns: 'Play.Example.Org,DNS:*.example.org',
      ip: '192.0.2.1',
    });
    certificates.issue({ name: 'none.example', issuer: 'ca' });
    expect(dnsNamesOf(new X509Certificate(certificates.read('many.pem')))).toEqual([
      'play.example.org',
      '*.example.org',
    ]);
    expect(dnsNamesOf(new X509Certificate(certificates.read('none.example.pem')))).toEqual([]);
  });
});
