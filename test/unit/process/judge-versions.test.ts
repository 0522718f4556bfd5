import { describe, expect, it } from 'vitest';
import { judgeVersions } from '../../../src/process/judge-versions.ts';

const old = { node: '26.12.0', brotli: '1.2.0' };

function judged(
  about: { readonly production: boolean; readonly allowed: boolean },
  versions = old,
): string[] {
  const said: string[] = [];
  const logger = { warn: (_: unknown, text: string) => void said.push(text) };
  judgeVersions({ ...about, versions, logger: logger as never });
  return said;
}

describe('G3 an old Node at the start', () => {
  it('is told loudly', () => {
    expect(judged({ production: false, allowed: false })).toEqual([
      'Not for production: Node.js 26.12.0 (26.12.1 is asked for), Brotli 1.2.0 (1.2.1 is asked for).',
    ]);
  });

  it('is refused in production, unless the operator insists, and is told then, too', () => {
    expect(() => judged({ production: true, allowed: false })).toThrow('Not for production: Node.js 26.12.0');
    expect(judged({ production: true, allowed: true })).toHaveLength(1);
  });

  it('is no matter when it is new enough', () => {
    expect(judged({ production: true, allowed: false }, { node: '26.12.1', brotli: '1.2.1' })).toEqual([]);
  });
});
