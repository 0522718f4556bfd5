import { describe, expect, it } from 'vitest';
import { readableLine } from '../../../src/process/readable-line.ts';

const time = new Date(2026, 10, 22, 4, 5, 6, 7).toISOString();

describe('a log record for a person', () => {
  it('is time of day, level, who speaks and the sentence, and the rest below', () => {
    const record = {
      time,
      level: 'warn',
      name: 'proxy',
      pid: 7,
      msg: 'It is late.',
      took: 12,
      by: { seat: 1 },
    };
    expect(readableLine(record, { colour: false })).toBe(
      '[04:05:06.007] WARN (proxy): It is late.\n    took: 12\n    by: {\n      "seat": 1\n    }\n',
    );
  });

  it('shows a stack as it is, and what else an error says', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at there', code: 'EX' };
    expect(readableLine({ time, level: 'error', name: 'x', err }, { colour: false })).toBe(
      '[04:05:06.007] ERROR (x):\n    err: Error: no\n          at there\n      {\n        "code": "EX"\n      }\n',
    );
  });

  it('is coloured where that is wanted, and takes any record', () => {
    const text = readableLine({ time: 'never', level: 'odd', name: undefined }, { colour: true });
    expect(text).toContain('\u001b[32mODD\u001b[39m');
    expect(text).toContain('[never]');
  });
});
