import { describe, expect, it } from 'vitest';
import { judgeVersions } from '../../../src/process/judge-versions.ts';

const old = { node: '26.12.0', brotli: '1.2.0' };

const judged = (about: { readonly production: boolean; readonly allowed: boolean }, versions = old) =>
  judgeVersions({ ...about, versions });

describe('G3 an old Node at the start', () => {
  it('is told loudly', () => {
    expect(judged({ production: false, allowed: false })).toBe(
      'Not for production: Node.js 26.12.0 (26.12.1 is asked for), Brotli 1.2.0 (1.2.1 is asked for).',
    );
  });

  it('is refused in production, unless the operator insists, and is told then, too', () => {
    expect(() => judged({ production: true, allowed: false })).toThrow('Not for production: Node.js 26.12.0');
    expect(judged({ production: true, allowed: true })).toMatch(/^Not for production: /);
  });

  it('is no matter when it is new enough', () => {
    expect(
      judged({ production: true, allowed: false }, { node: '26.12.1', brotli: '1.2.1' }),
    ).toBeUndefined();
  });
});
