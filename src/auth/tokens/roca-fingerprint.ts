/** Of the first 39 primes, all but 2: every RSA prime that the faulty library made is a power of 65537 modulo their product. */
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107,
  109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
] as const;

/** For each prime, the residues that are powers of 65537. */
const powers: readonly (readonly [bigint, ReadonlySet<number>])[] = primes.map((prime) => {
  const found = new Set<number>();
  for (let power = 1; !found.has(power); power = (power * 65_537) % prime) found.add(power);
  return [BigInt(prime), found];
});

/**
 * Whether an RSA modulus comes from the library of CVE-2017-15361 (ROCA), whose keys can be factored: it is then a power of
 * 65537 modulo each of these primes, as a random one is once in 2^27 (Nemec and others, ACM CCS 2017, section 2.2).
 */
export function hasRocaFingerprint(modulus: Buffer): boolean {
  const number = BigInt(`0x${modulus.toString('hex')}`);
  return powers.every(([prime, residues]) => residues.has(Number(number % prime)));
}
