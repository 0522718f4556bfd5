/**
 * Rendezvous hashing (highest random weight; Thaler and Ravishankar 1998), with weights after Schindelhauer and Schomaker
 * (2005): who owns a key, worked out by everybody alike from the list of members alone. When one member goes, only its
 * keys move; when one comes, keys move only to it. Proxies and backends must agree, so it is part of the wire contract:
 * a test pins the numbers.
 */

export interface RendezvousMember {
  readonly id: string;
  /** Its share of the keys, relative to the others': above 0; 1 when left out. */
  readonly weight?: number;
}

/** The member that owns `key`; the order of the list does not matter. `undefined` for an empty list. */
export function rendezvousOwner<Member extends RendezvousMember>(
  key: string,
  members: Iterable<Member>,
): Member | undefined {
  let owner: Member | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const member of members) {
    const score = rendezvousScore(key, member);
    // Two equal scores are next to impossible; the id decides, so that the list's order still does not.
    if (score > highest || (score === highest && owner !== undefined && member.id > owner.id)) {
      owner = member;
      highest = score;
    }
  }
  return owner;
}

/** What the members are ordered by for a key, the owner highest. Grows with the weight, and with nothing else over time. */
export function rendezvousScore(key: string, { id, weight = 1 }: RendezvousMember): number {
  // A hash of 53 bits as a number between 0 and 1, neither included: its logarithm is finite and below 0.
  const uniform = (hash53(`${id}\n${key}`) + 0.5) / 2 ** 53;
  return weight / -Math.log(uniform);
}

/**
 * 53 bits that spread over the whole range however alike the texts are: two lanes over the UTF-16 code units, each
 * finished by MurmurHash3's `fmix32`. Not for secrets.
 */
function hash53(text: string): number {
  let high = 0x9747b28c;
  let low = 0x3c6ef372;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(rotateLeft(high ^ unit, 13), 0xcc9e2d51);
    low = Math.imul(rotateLeft(low ^ unit, 17), 0x1b873593);
  }
  high = fmix32(high ^ text.length);
  low = fmix32(low ^ high);
  high = fmix32(high + low);
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function fmix32(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
