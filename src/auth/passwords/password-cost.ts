/** What one argon2id hash costs. One lane always: more would start threads that the hash queue does not count. */
export interface PasswordCost {
  /** KiB (RFC 9106 calls it m). */
  readonly memoryKib: number;
  /** Passes over the memory (t). */
  readonly passes: number;
}

/** OWASP Password Storage Cheat Sheet: the least for argon2id with one lane. */
export const costFloor: PasswordCost = { memoryKib: 19_456, passes: 2 };
/** The most that calibration chooses: 64 MiB a hash keeps a small machine usable. */
export const costCeiling: PasswordCost = { memoryKib: 65_536, passes: 8 };
/** The most that a digest from the store may ask for before it is taken for an attack or damage. */
const storedMost: PasswordCost = { memoryKib: 262_144, passes: 16 };
const storedLanesMost = 4;

/** Milliseconds that one hash should take on this machine. */
const targetMs = 100;

export interface StoredCost extends PasswordCost {
  readonly lanes: number;
}

/** The cost that a PHC string of argon2id v19 names, its parameters in any order; `undefined` for any other text. */
export function parseDigest(digest: string): StoredCost | undefined {
  const found = phc.exec(digest);
  if (found === null) return undefined;
  const parameters = new Map(found[1]?.split(',').map((pair) => [pair[0], Number(pair.slice(2))]));
  const [memoryKib, passes, lanes] = [parameters.get('m'), parameters.get('t'), parameters.get('p')];
  if (memoryKib === undefined || passes === undefined || lanes === undefined) return undefined;
  return { memoryKib, passes, lanes };
}

const phc =
  /^\$argon2id\$v=19\$((?:[mtp]=[1-9]\d{0,8},){2}[mtp]=[1-9]\d{0,8})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;

export function fitsCap({ memoryKib, passes, lanes }: StoredCost): boolean {
  return memoryKib <= storedMost.memoryKib && passes <= storedMost.passes && lanes <= storedLanesMost;
}

/** Memory counts before passes: it is what makes guessing hardware expensive. */
export function isWeaker(one: PasswordCost, other: PasswordCost): boolean {
  return one.memoryKib < other.memoryKib || (one.memoryKib === other.memoryKib && one.passes < other.passes);
}

const memoryStepKib = 4096;

/**
 * The cost that brings a hash to the target, from what a hash at the floor took. Memory grows first, in steps, then the
 * passes; never below the floor or above the ceiling.
 */
export function costForSpeed(floorHashMs: number): PasswordCost {
  const work = (targetMs / Math.max(floorHashMs, 0.1)) * costFloor.memoryKib * costFloor.passes;
  const memoryKib = clamp(
    Math.floor(work / costFloor.passes / memoryStepKib) * memoryStepKib,
    costFloor.memoryKib,
    costCeiling.memoryKib,
  );
  return { memoryKib, passes: clamp(Math.floor(work / memoryKib), costFloor.passes, costCeiling.passes) };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
