import { hash } from 'argon2';
import { beforeAll, describe, expect, it } from 'vitest';
import { HashQueue } from '../../../../src/auth/passwords/hash-queue.ts';
import { costFloor } from '../../../../src/auth/passwords/password-cost.ts';
import { PasswordHasher } from '../../../../src/auth/passwords/password-hasher.ts';
import { preparePassword } from '../../../../src/auth/passwords/password-text.ts';
import { webRandomBytes } from '../../../../src/protocol/ids.ts';
import { cheapCost } from '../../../support/auth-fixture.ts';

const right = preparePassword('correct horse');
const wrong = preparePassword('correct horse battery');
const withCost = async (cost = costFloor): Promise<PasswordHasher> =>
  await PasswordHasher.create({ cost, queue: new HashQueue(), randomBytes: webRandomBytes });

describe('D1 stored hash', () => {
  it('computes the tag of RFC 9106 section 5.3', async () => {
    const tag = await hash(Buffer.alloc(32, 1), {
      raw: true,
      salt: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      timeCost: 3,
      memoryCost: 32,
      parallelism: 4,
    });
    expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
  });

  it('is argon2id version 19 at no less than the floor, with a fresh salt', async () => {
    const hasher = await withCost();
    const [one, other] = [await hasher.hash(right), await hasher.hash(right)];
    expect(one).toMatch(/^\$argon2id\$v=19\$(?=.*m=19456)(?=.*t=2)(?=.*p=1)/);
    expect(other).not.toBe(one);
    expect(await hasher.verify(right, one)).toEqual({ matches: true, weak: false });
    expect(await hasher.verify(wrong, one)).toEqual({ matches: false, weak: false });
  });

  it('does not cut passwords: two that differ after 72 bytes are two', async () => {
    const hasher = await withCost(cheapCost);
    const stem = 'x'.repeat(72);
    const stored = await hasher.hash(preparePassword(`${stem}-one and more`));
    expect((await hasher.verify(preparePassword(`${stem}-one and more`), stored)).matches).toBe(true);
    expect((await hasher.verify(preparePassword(`${stem}-two and more`), stored)).matches).toBe(false);
  });

  it('calls a cheaper digest weak, and a dearer one not', async () => {
    const stored = await (await withCost(cheapCost)).hash(right);
    expect(await (await withCost({ ...cheapCost, passes: 2 })).verify(right, stored)).toEqual({
      matches: true,
      weak: true,
    });
    expect((await (await withCost({ memoryKib: 32, passes: 1 })).verify(right, stored)).weak).toBe(false);
  });
});

describe('what is not a usable digest', () => {
  let hasher: PasswordHasher;
  beforeAll(async () => {
    hasher = await withCost(cheapCost);
  });

  it('never matches: no account', async () => {
    expect(await hasher.verify(right, undefined)).toEqual({ matches: false, weak: false });
  });

  it('is not computed when it asks for 4 TiB or 2^31 passes', async () => {
    const good = await hasher.hash(right);
    for (const hostile of [
      good.replace('m=64', 'm=4294967295'),
      good.replace('m=64', 'm=999999999'),
      good.replace('t=1', 't=9999'),
      good.replace('p=1', 'p=99'),
      good.replace('argon2id', 'argon2d'),
      'plain text',
      '',
    ]) {
      expect(hostile).not.toBe(good);
      expect(await hasher.verify(right, hostile)).toEqual({ matches: false, weak: false });
    }
  });
});
