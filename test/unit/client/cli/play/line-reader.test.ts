import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../../src/client/cli/play/line-reader.ts';

describe('a line reader', () => {
  it('gives the same line until it is taken, then the next, then the end', async () => {
    const input = new PassThrough();
    const lines = new LineReader(input);
    input.end('1\r\n2\nlast');
    expect(await lines.peek()).toBe('1');
    expect(await lines.peek()).toBe('1');
    lines.take();
    expect(await lines.peek()).toBe('2');
    lines.take();
    expect(await lines.peek()).toBe('last');
    lines.take();
    expect(await lines.peek()).toBeUndefined();
  });

  it('does not lose a line that comes after a wait was given up', async () => {
    const input = new PassThrough();
    const lines = new LineReader(input);
    const abandoned = lines.peek();
    const other = lines.peek();
    input.write('5\n');
    expect(await other).toBe('5');
    expect(await abandoned).toBe('5');
    lines.close();
  });

  it('loses nothing of a flood', async () => {
    const input = new PassThrough();
    const lines = new LineReader(input);
    const count = 5_000;
    input.end(Array.from({ length: count }, (_, index) => `${index}\n`).join(''));
    for (let index = 0; index < count; index++) {
      expect(await lines.peek()).toBe(String(index));
      lines.take();
    }
    expect(await lines.peek()).toBeUndefined();
  });
});
