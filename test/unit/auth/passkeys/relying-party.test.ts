import { describe, expect, it } from 'vitest';
import { relyingParties } from '../../../../src/auth/passkeys/relying-party.ts';

const isOurs = (name: string) => ['localhost', 'play.example.org', 'example.org'].includes(name);

describe('whom passkeys are for', () => {
  it.each([
    ['localhost:8443', 'localhost', 'https://localhost:8443'],
    ['play.example.org', 'play.example.org', 'https://play.example.org'],
    ['Play.Example.org:443', 'play.example.org', 'https://play.example.org'],
  ])('%s: pages of %s at %s', (host, id, origin) => {
    expect(relyingParties({ isOurs })(host)).toEqual({ id, origin });
  });

  it.each([
    '',
    'a b',
    '127.0.0.1:8443',
    '[::1]:8443',
    '1.2.3.4',
    '0x7f.1',
    'play.example.org.',
    '.example.org',
    'play..example.org',
    'play.example.org:123456',
    'user@play.example.org',
    'play.example.org/x',
    'play.example.org#x',
    `${'a'.repeat(64)}.example.org`,
    `${'a.'.repeat(130)}org`,
  ])('%j: nobody, even with a certificate for it', (host) => {
    expect(relyingParties({ isOurs: () => true })(host)).toBeUndefined();
  });

  it('a name that this server has no certificate for: nobody', () => {
    expect(relyingParties({ isOurs })('evil.example')).toBeUndefined();
  });

  it('with a domain: that one, for all names under it and no other', () => {
    const of = relyingParties({ isOurs, domain: 'example.org' });
    expect(of('play.example.org:8443')).toEqual({
      id: 'example.org',
      origin: 'https://play.example.org:8443',
    });
    expect(of('example.org')?.id).toBe('example.org');
    expect(of('localhost:8443')).toBeUndefined();
    expect(relyingParties({ isOurs: () => true, domain: 'example.org' })('notexample.org')).toBeUndefined();
  });
});
