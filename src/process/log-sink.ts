import { write, writeSync } from 'node:fs';

/** Bytes of finished lines that may wait for a slow reader of the log; beyond it lines are dropped, never play. */
export const MAX_WAITING_BYTES = 1_048_576;

/** A full pipe is tried again after this, in milliseconds. */
const TRY_AGAIN_MS = 50;

/** A write that has been under way for longer, in milliseconds, has no reader; the end of the process skips the rest. */
const STALLED_AFTER_MS = 1_000;

/** What the sink needs of the system; handed in, so that a test can fill the disk. */
export type SinkSystem = {
  write(data: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  writeSync(data: Buffer): void;
  onExit(callback: () => void): void;
  now(): number;
  after(ms: number, callback: () => void): void;
};

/**
 * Writes log lines to a file descriptor without ever blocking or ending the process: one write at a time, a bounded
 * queue, and what cannot be written (disk full, reader gone) is dropped and counted. pino's own destination waits
 * for ever at exit when the disk is full.
 */
export class LogSink {
  readonly #system: SinkSystem;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #writingSince: number | undefined;

  constructor(system: SinkSystem) {
    this.#system = system;
    system.onExit(() => this.#flushAtExit());
  }

  /** Takes one finished line, line break included. */
  write(line: string): void {
    const data = Buffer.from(line);
    if (this.#waitingBytes + data.length > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#enqueue(data);
    if (this.#writingSince === undefined) this.#writeNext(this.#takeAll());
  }

  #enqueue(data: Buffer): void {
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
  }

  #takeAll(): Buffer {
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return all;
  }

  #writeNext(data: Buffer): void {
    this.#writingSince ??= this.#system.now();
    this.#system.write(data, (error, written) => {
      if (error?.code === 'EAGAIN') {
        this.#system.after(TRY_AGAIN_MS, () => this.#writeNext(data));
        return;
      }
      this.#writingSince = undefined;
      if (error) this.#dropped += linesIn(data);
      else if (written < data.length) return this.#writeNext(data.subarray(written));
      else this.#tellDropped();
      if (this.#waiting.length > 0) this.#writeNext(this.#takeAll());
    });
  }

  /** Once lines get through again, one of them says how many did not. */
  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const notice = {
      level: 'warn',
      time: new Date().toISOString(),
      dropped: this.#dropped,
      msg: 'log lines were lost',
    };
    this.#dropped = 0;
    this.#enqueue(Buffer.from(`${JSON.stringify(notice)}\n`));
  }

  #flushAtExit(): void {
    const since = this.#writingSince;
    if (since !== undefined && this.#system.now() - since > STALLED_AFTER_MS) return;
    try {
      this.#system.writeSync(this.#takeAll());
    } catch {
      // Nowhere to report it: this was the log.
    }
  }
}

/** A sink on standard error. */
export function standardErrorSink(): LogSink {
  const fd = 2;
  return new LogSink({
    write: (data, done) => write(fd, data, 0, data.length, null, done),
    writeSync: (data) => void writeSync(fd, data),
    onExit: (callback) => process.once('exit', callback),
    now: () => performance.now(),
    after: (ms, callback) => void setTimeout(callback, ms).unref(),
  });
}

function linesIn(data: Buffer): number {
  let lines = 0;
  for (const byte of data) if (byte === 0x0a) lines += 1;
  return lines;
}
