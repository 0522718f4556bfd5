/** What the operating system says of processes (Linux: proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';
import { BenchError } from './bench.ts';

/**
 * CPU microseconds, user and system, that all threads of these processes have had so far, as the scheduler counts them. What a
 * thread had that is over is not in it; servers keep theirs.
 */
export function cpuMicroseconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const text = read(`/proc/${pid}/task/${thread}/schedstat`);
      nanoseconds += Number(text.slice(0, text.indexOf(' ')));
    }
  }
  return nanoseconds / 1_000;
}

/** Bytes of memory that belong to these processes, each page that several share divided among them. */
export function memoryBytes(pids: readonly number[]): number {
  let kibibytes = 0;
  for (const pid of pids) {
    kibibytes += Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]);
  }
  return kibibytes * 1024;
}

/** A process and all below it. */
export function processTree(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const thread of threadsOf(pid)) {
      const children = read(`/proc/${pid}/task/${thread}/children`).split(' ');
      found.push(...children.filter(Boolean).map(Number));
    }
  }
  return found;
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    throw new BenchError(`The server process ${pid} has ended before its time, or this is not Linux.`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
