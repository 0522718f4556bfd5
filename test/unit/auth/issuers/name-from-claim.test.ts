import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameFromClaim, numberedName } from '../../../../src/auth/issuers/name-from-claim.ts';
import { preparePlayerName } from '../../../../src/auth/names/player-name.ts';

it.each([
  ['ada', 'ada'],
  ['Ada Lovelace', 'ada.lovelace'],
  ['ada@example.org', 'ada'],
  ['  ada  ', 'ada'],
  ['"Ada" <b>', 'ada.b'],
  ['..ada__..l', 'ada_l'],
  ['Жанна', 'жанна'],
  ['x'.repeat(300), 'x'.repeat(26)],
])('%j becomes %j', (claim, name) => {
  expect(nameFromClaim(claim)?.name).toBe(name);
});

it.each([undefined, '', '@example.org', '!', 'a', 'admin', 'Аdmin', '\u0000', '😀'])(
  'of %j nothing is left',
  (claim) => {
    expect(nameFromClaim(claim)).toBeUndefined();
  },
);

it('gives lawful names only, whatever the claim says, with a number too', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 2, max: 99 }),
      (claim, number) => {
        const name = nameFromClaim(claim);
        if (name === undefined) return;
        expect(preparePlayerName(name.name).name).toBe(name.name);
        const numbered = numberedName(name, number);
        if (numbered !== undefined) expect(preparePlayerName(numbered.name).name).toBe(numbered.name);
      },
    ),
    { numRuns: 2_000 },
  );
});
