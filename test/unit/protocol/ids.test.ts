import { describe, expect, it } from 'vitest';
import { base64url, idPatterns, newId, newInviteCode, parseId } from '../../../src/protocol/ids.ts';

describe('ids', () => {
  it('makes ids that their own patterns accept, each one new', () => {
    for (const kind of ['player', 'session', 'match', 'command'] as const) {
      const made = new Set(Array.from({ length: 200 }, () => newId(kind)));
      expect(made.size).toBe(200);
      for (const id of made) expect(parseId(kind, id)).toBe(id);
    }
  });

  it('takes an id of one kind for no other kind', () => {
    expect(parseId('player', newId('session'))).toBeUndefined();
    expect(parseId('match', newId('player'))).toBeUndefined();
  });

  it.each([
    7,
    null,
    undefined,
    {},
    ['m_0123456789abcdef'],
    'm_0123456789abcdef\n',
    ' m_0123456789abcdef',
    'm_0123456789abcde/',
  ])('refuses %j as a match id', (value) => expect(parseId('match', value)).toBeUndefined());

  it('uses the randomness that it is given', () => {
    const zeros = (length: number) => new Uint8Array(length);
    expect(newId('match', zeros)).toBe('m_AAAAAAAAAAAAAAAA');
    expect(newInviteCode(zeros)).toBe('22222222');
  });

  it('draws invite codes without bias: bytes that would favour some characters are thrown away', () => {
    let call = 0;
    const bytes = () =>
      call++ === 0 ? new Uint8Array(12).fill(255) : Uint8Array.from({ length: 12 }, (_, at) => at);
    expect(newInviteCode(bytes)).toBe('23456789');
    expect(parseId('invite', 'O1LI0U22')).toBeUndefined();
  });

  it('writes base64url as RFC 4648 section 10 does, without padding', () => {
    const of = (text: string) => base64url(new TextEncoder().encode(text));
    expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(of)).toEqual([
      '',
      'Zg',
      'Zm8',
      'Zm9v',
      'Zm9vYg',
      'Zm9vYmE',
      'Zm9vYmFy',
    ]);
    expect(base64url(Uint8Array.of(0xfb, 0xff))).toBe('-_8');
  });

  it('anchors every pattern at both ends', () => {
    for (const pattern of Object.values(idPatterns)) expect(pattern).toMatch(/^\^.*\$$/);
  });
});
