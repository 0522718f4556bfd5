import { describe, expect, it } from 'vitest';
import { problemText } from '../../../../src/settings/reading/located.ts';
import { mostBytes, readYaml } from '../../../../src/settings/reading/read-yaml.ts';

function problemsOf(text: string): string[] {
  const reading = readYaml(text, { file: 'x' });
  return reading.ok ? [] : reading.problems.map(problemText);
}

describe('the YAML of a settings file', () => {
  it.each([
    ['a: 1\nb: 2\na: 3', 'x:3:1: a: this key stands twice (first in line 1); leave one.'],
    ['a: &x 1\nb: *x', 'x:1:7: a: anchors (&) and aliases (*) are not taken; write the value out.'],
    ['a: !!binary AAAA', 'x:1:13: a: tags (!) are not taken; write the plain value.'],
    ['a: !!str 5', 'x:1:10: a: tags (!) are not taken; write the plain value.'],
    ['a: .inf', 'x:1:4: a: this is no text, number, true or false.'],
    ['a: .nan', 'x:1:4: a: this is no text, number, true or false.'],
    ['1: x', 'x:1:1: a key is a plain name.'],
    ['? [a]\n: x', 'x:1:3: a key is a plain name.'],
    ['? {a: b}\n: x', 'x:1:3: a key is a plain name.'],
    ['&k a: x', 'x:1:4: a: a key is a plain name.'],
  ])('%j is refused', (text, sentence) => {
    expect(problemsOf(text)[0]).toBe(sentence);
  });

  it.each(['a: [1', 'a: "', '\ta: 1', 'a: 1\n---\nb: 2', '%YAML 1.2', 'a: !x 1', 'a: b: c', '{', '@'])(
    '%j is not YAML, or not of ours',
    (text) => {
      expect(problemsOf(text)[0]).toMatch(/^x:\d+:\d+: (a: )?(this is not YAML|tags)/);
    },
  );

  it('takes no merge keys: they are keys like others', () => {
    const reading = readYaml('<<: { a: 1 }', { file: 'x' });
    expect(reading.ok && reading.root.kind === 'map' && [...reading.root.entries.keys()]).toEqual(['<<']);
  });

  it('is bounded in length and depth, however it is nested', () => {
    expect(problemsOf('#'.repeat(mostBytes + 1))[0]).toContain('longer than the 256 KiB');
    expect(problemsOf(`${'['.repeat(20)}${']'.repeat(20)}`)[0]).toContain('nested deeper than 16');
    for (const text of [
      '['.repeat(30_000),
      '- '.repeat(30_000),
      '{a: '.repeat(12_000),
      '? '.repeat(30_000),
    ]) {
      const problems = problemsOf(text);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.length).toBeLessThanOrEqual(20);
    }
  });

  it('refuses an alias bomb before it grows', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level += 1) {
      lines.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }
    expect(problemsOf(lines.join('\n'))[0]).toContain('anchors');
  });

  it('says where an error is in a file with a byte order mark and Windows line ends', () => {
    expect(problemsOf('\uFEFFa: 1\r\nb: &x 2\r\n')[0]).toMatch(/^x:2:7/);
  });
});
