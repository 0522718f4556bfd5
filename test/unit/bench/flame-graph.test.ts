import { describe, expect, it } from 'vitest';
import { type CpuProfile, flameGraph } from '../../bench/harness/flame-graph.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 3] },
    { id: 2, callFrame: frame('(idle)') },
    { id: 3, callFrame: frame('a<b', 'file:///somewhere/else/src/proxy/a.ts', 9), children: [4, 5] },
    { id: 4, callFrame: frame('rare', 'node:fs') },
    { id: 5, callFrame: frame('often', 'file:///somewhere/else/node_modules/ws/x.js') },
  ],
  samples: [2, 3, 5, 5, 4],
  timeDeltas: [1_000, 100, 700, 199, 1],
};

describe('a flame graph', () => {
  const svg = flameGraph(profile, { title: 'one & only', skip: 0 });

  it('has a block for each function on a stack, as wide as its share of the time at work', () => {
    expect(svg).toContain('<title>a&lt;b src/proxy/a.ts:10 100.0 %</title>');
    expect(svg).toContain(
      '<title>often node_modules/ws/x.js:1 89.9 %</title><rect x="0.0" y="60" width="1078.8"',
    );
  });

  it('leaves out waiting, and what is too small to see', () => {
    expect(svg).not.toContain('idle');
    expect(svg).not.toContain('rare');
  });

  it('names no folder of the machine', () => expect(svg).not.toContain('somewhere'));

  it('escapes what it writes', () => {
    expect(svg).toContain('one &amp; only');
    expect(svg).not.toContain('a<b');
  });

  it('leaves out the beginning', () => {
    const late = flameGraph(profile, { title: '', skip: 0.85 });
    expect(late).toContain('often node_modules/ws/x.js:1 99.9 %');
  });
});
