import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../src/protocol/strict-json.ts';

const fault = (text: string) => {
  const reading = parseStrictJson(text);
  return reading.ok ? undefined : reading.reason;
};
const wide = { depth: 1000, items: 100_000, numberLength: 1000 };

describe('B17 hostile JSON', () => {
  it.each([
    ['nesting 100,000 deep', '['.repeat(100_000) + ']'.repeat(100_000), 'nested too deep'],
    ['nesting without an end', '{"a":'.repeat(100_000), 'nested too deep'],
    ['a number of 1 MB', `[${'9'.repeat(1_000_000)}]`, 'a number is too long'],
    ['1e400', '{"a":1e400}', 'a number is too large'],
    ['-1e999', '[-1e999]', 'a number is too large'],
    ['duplicate names', '{"a":1,"a":2}', 'a name occurs twice'],
    ['duplicate names, one escaped', '{"a":1,"\\u0061":2}', 'a name occurs twice'],
    ['duplicate names, white space before the colon', '{"a" \n :1,"a"\t:2}', 'a name occurs twice'],
    ['duplicate names deep inside', '{"x":[{"b":0},{"a":1,"c":{"a":1},"a":2}]}', 'a name occurs twice'],
    ['__proto__', '{"__proto__":{"polluted":1}}', 'a name is forbidden'],
    ['__proto__ in escapes', '{"\\u005f_proto__":{"polluted":1}}', 'a name is forbidden'],
    ['constructor.prototype', '{"constructor":{"prototype":{"polluted":1}}}', 'a name is forbidden'],
    ['a lone surrogate, escaped', '{"a":"\\ud800x"}', 'text is not well-formed'],
    ['a lone surrogate, raw', '{"a":"\ud800"}', 'text is not well-formed'],
    ['a lone surrogate in a name', '{"\\udfff":1}', 'text is not well-formed'],
    ['a byte order mark', '\ufeff{}', 'not JSON'],
    ['trailing bytes', '{} x', 'not JSON'],
    ['two values', '{}{}', 'not JSON'],
    ['an open string', '{"a":"b', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['NaN', '[NaN]', 'not JSON'],
    ['a number that is none', '[1-2]', 'not JSON'],
    ['a leading zero', '[01]', 'not JSON'],
    ['single quotes', "{'a':1}", 'not JSON'],
    ['a comment', '{/**/}', 'not JSON'],
    ['a trailing comma', '[1,]', 'not JSON'],
    ['a raw control character', '["\n"]', 'not JSON'],
    ['very many items', `[${'0,'.repeat(5000)}0]`, 'too many items'],
  ])('refuses %s', (_name, text, reason) => {
    expect(fault(text)).toBe(reason);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('lets through what only looks hostile', () => {
    for (const text of [
      '{"a":"__proto__"}',
      '["a","a"]',
      '{"a":{"a":{"a":1}}}',
      '[{"a":1},{"a":1}]',
      '{"a":"{\\"b\\":1,\\"b\\":2}"}',
      '{"a":"\\ud83d\\ude00","b":"😀"}',
      '{"a":["x", "a"],"b":"a"}',
      '  {"a":-1.5e-3}\r\n',
    ]) {
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }
  });

  it('agrees with JSON.parse on every value it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const reading = parseStrictJson(text, wide);
        if (reading.ok) expect(reading.value).toEqual(JSON.parse(text));
        else expect(['a name is forbidden', 'text is not well-formed']).toContain(reading.reason);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, and accepts nothing that JSON.parse refuses', () => {
    const alphabet = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\\',
      'u',
      'd',
      '8',
      '0',
      '-',
      'e',
      '.',
      ' ',
      't',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        const reading = parseStrictJson(text);
        if (reading.ok) expect(JSON.parse(text)).toEqual(reading.value);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is linear: a text of the largest message size is read in one short turn', () => {
    // Compares growth, not time on a clock of this machine: 16 times the text must not cost 100 times as much.
    const cost = (size: number) => {
      const text = `{"a":"${'\\\\'.repeat(size)}"}`;
      const started = process.hrtime.bigint();
      for (let round = 0; round < 50; round += 1) parseStrictJson(text);
      return Number(process.hrtime.bigint() - started);
    };
    cost(1000);
    expect(cost(64_000) / cost(4000)).toBeLessThan(100);
  });
});
