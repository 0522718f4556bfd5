import { describe, expect, it } from 'vitest';
import { versionsCheck } from '../../../../src/doctor/checks/versions.ts';

describe('G3 the doctor’s look at versions', () => {
  it('takes what is as new as is asked for', async () => {
    const findings = await versionsCheck({ node: '26.12.1', brotli: '1.2.1' }).run({ production: true });
    expect(findings).toEqual([{ mark: 'ok', says: 'Node.js 26.12.1 is recent enough.' }]);
  });

  it('warns of older ones, and calls them wrong in production', async () => {
    const check = versionsCheck({ node: '26.12.0', brotli: '1.2.0' });
    const marks = async (production: boolean) => (await check.run({ production })).map(({ mark }) => mark);
    expect(await marks(false)).toEqual(['warning', 'warning']);
    expect(await marks(true)).toEqual(['fault', 'fault']);
  });
});
