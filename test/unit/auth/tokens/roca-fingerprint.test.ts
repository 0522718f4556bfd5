import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hasRocaFingerprint } from '../../../../src/auth/tokens/roca-fingerprint.ts';

/** The product of the first 39 primes, from which the faulty library built its own: p = k · M + (65537 ^ a mod M). */
const product = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
  107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
].reduce((all, prime) => all * BigInt(prime), 1n);

function powerOf65537(exponent: number): bigint {
  let power = 1n;
  for (let step = 0; step < exponent; step += 1) power = (power * 65_537n) % product;
  return power;
}

describe('the mark of a faulty library on an RSA modulus', () => {
  it.each([
    [1, 1],
    [7, 1_000],
    [12_345, 77],
  ])('is seen on a product of two such numbers (%i, %i)', (first, second) => {
    const number =
      (product * 12_345_678_901n + powerOf65537(first)) * (product * 98_765_432_109n + powerOf65537(second));
    const hex = number.toString(16);
    expect(hasRocaFingerprint(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))).toBe(true);
    const next = (number + 2n).toString(16);
    expect(hasRocaFingerprint(Buffer.from(next.length % 2 === 0 ? next : `0${next}`, 'hex'))).toBe(false);
  });

  it('is not seen on keys of others', () => {
    for (let count = 0; count < 5; count += 1) {
      const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
        format: 'jwk',
      });
      expect(hasRocaFingerprint(Buffer.from(n, 'base64url'))).toBe(false);
    }
  });
});
