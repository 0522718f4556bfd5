import { type PlayerName, readPlayerName } from '../names/player-name.ts';
import { isReservedName } from '../names/reserved-names.ts';

/** Characters of a claim that are looked at. */
const claimMost = 256;
/** Code points that are left for a name when a number may have to follow. */
const stemMost = 26;

/**
 * A lawful name that is as much as possible like what an issuer calls somebody; `undefined` when nothing is left of it. Of an
 * e-mail address only what stands before the @ is used: the rest says where somebody works.
 */
export function nameFromClaim(claim: string | undefined): PlayerName | undefined {
  if (claim === undefined) return undefined;
  const [local = ''] = claim.slice(0, claimMost).normalize('NFKC').split('@');
  const stem = trimmed(
    [...local.replace(/\s+/gu, '.').replace(/[^\p{L}\p{M}0-9._-]/gu, '')].slice(0, stemMost).join(''),
  );
  return lawful(stem);
}

/** The same with a number, for when the first is somebody's already. */
export function numberedName({ name }: PlayerName, number: number): PlayerName | undefined {
  return lawful(`${trimmed([...name].slice(0, stemMost).join(''))}-${number}`);
}

function lawful(name: string): PlayerName | undefined {
  const reading = readPlayerName(name);
  return reading.ok && !isReservedName(reading.name) ? reading : undefined;
}

/** One separator between letters, none at the ends. */
function trimmed(text: string): string {
  return text.replace(/([._-])[._-]+/g, '$1').replace(/^[._-]+|[._-]+$/g, '');
}
