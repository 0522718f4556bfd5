import { describe, expect, it } from 'vitest';
import { LogSink, MAX_WAITING_BYTES } from '../../../src/process/log-sink.ts';

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

function system() {
  const state = { now: 0, written: '', atExit: '', pending: [] as { data: Buffer; done: Done }[] };
  const later: (() => void)[] = [];
  let exit = () => {};
  const sink = new LogSink({
    write: (data, done) => void state.pending.push({ data, done }),
    writeSync: (data) => {
      state.atExit += data;
    },
    onExit: (callback) => {
      exit = callback;
    },
    now: () => state.now,
    after: (_ms, callback) => void later.push(callback),
  });
  return {
    sink,
    state,
    exit: () => exit(),
    retry: () => later.shift()?.(),
    accept: (bytes?: number) => {
      const { data, done } = state.pending.shift()!;
      const part = data.subarray(0, bytes ?? data.length);
      state.written += part;
      done(null, part.length);
    },
    fail: (code: string) => state.pending.shift()!.done(Object.assign(new Error(code), { code }), 0),
  };
}

describe('LogSink', () => {
  it('writes at once, one write at a time, and the rest together', () => {
    const s = system();
    for (const line of ['a\n', 'b\n', 'c\n']) s.sink.write(line);
    expect(s.state.pending).toHaveLength(1);
    s.accept();
    expect(s.state.pending).toHaveLength(1);
    s.accept();
    expect(s.state.written).toBe('a\nb\nc\n');
  });

  it('goes on after a part was written, and when a pipe is full for a moment', () => {
    const s = system();
    s.sink.write('abcdef\n');
    s.accept(3);
    s.fail('EAGAIN');
    expect(s.state.pending).toHaveLength(0);
    s.retry();
    s.accept();
    expect(s.state.written).toBe('abcdef\n');
  });

  it('R9 loses lines to a full disk, disturbs nothing else, and then says how many', () => {
    const s = system();
    s.sink.write('lost\n');
    s.fail('ENOSPC');
    s.sink.write('kept\n');
    s.accept();
    s.accept();
    const [first, notice] = s.state.written.trim().split('\n');
    expect(first).toBe('kept');
    expect(JSON.parse(notice!)).toMatchObject({ level: 'warn', dropped: 1 });
    expect(s.state.pending).toHaveLength(0);
  });

  it('holds no more than its bound for a reader that stands still', () => {
    const s = system();
    const line = `${'x'.repeat(1023)}\n`;
    for (let count = 0; count < 5_000; count += 1) s.sink.write(line);
    s.accept();
    const notice = 256;
    expect(s.state.pending[0]!.data.length).toBeLessThanOrEqual(MAX_WAITING_BYTES + notice);
    s.accept();
    expect(JSON.parse(s.state.written.trim().split('\n').at(-1)!)).toMatchObject({ dropped: 5_000 - 1_025 });
  });

  it('writes what waits when the process ends, but waits for no stalled reader', () => {
    const quick = system();
    quick.sink.write('in flight\n');
    quick.sink.write('last words\n');
    quick.exit();
    expect(quick.state.atExit).toBe('last words\n');

    const stalled = system();
    stalled.sink.write('in flight\n');
    stalled.sink.write('last words\n');
    stalled.state.now = 5_000;
    stalled.exit();
    expect(stalled.state.atExit).toBe('');
  });
});
