import { describe, expect, it } from 'vitest';
import {
  base64url,
  idPatterns,
  newId,
  newInviteCode,
  newMatchId,
  parseId,
} from '../../../src/protocol/ids.ts';

describe('ids', () => {
  it('makes ids that their own patterns accept, each one new', () => {
    for (const kind of ['player', 'session', 'command'] as const) {
      const made = new Set(Array.from({ length: 200 }, () => newId(kind)));
      expect(made.size).toBe(200);
      for (const id of made) expect(parseId(kind, id)).toBe(id);
    }
  });

  it('takes an id of one kind for no other kind', () => {
    expect(parseId('player', newId('session'))).toBeUndefined();
    expect(parseId('match', newId('player'))).toBeUndefined();
    expect(parseId('player', newMatchId({ now: 0 }))).toBeUndefined();
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
    expect(newId('command', zeros)).toBe('c_AAAAAAAAAAAAAAAA');
    expect(newMatchId({ now: 0, randomBytes: zeros })).toBe('m_AAAAAAAAAAAAAAAA');
    expect(newInviteCode(zeros)).toBe('22222222');
  });

  it('lets matches that begin in the same second share the beginning of their ids, and nothing else', () => {
    const now = Date.UTC(2026, 10, 22, 12, 0, 5, 100);
    const made = Array.from({ length: 200 }, (_, index) => newMatchId({ now: now + index }));
    expect(new Set(made).size).toBe(200);
    for (const id of made) expect(parseId('match', id)).toBe(id);
    // Five characters of the sixteen are of the second alone.
    expect(new Set(made.map((id) => id.slice(0, 7))).size).toBe(1);
    expect(new Set(made.map((id) => id.slice(8))).size).toBe(200);
    expect(newMatchId({ now: now + 1_000 }).slice(0, 8)).not.toBe(made[0]?.slice(0, 8));
  });

  it('leaves the randomness that it was given as it was', () => {
    const given = new Uint8Array(12).fill(7);
    newMatchId({ now: Date.now(), randomBytes: () => given });
    expect([...given]).toEqual(Array(12).fill(7));
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
