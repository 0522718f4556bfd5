import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Of Castling; with `+` behind it when files differ from it. */
  readonly commit: string;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** Processes that wanted to run in the minute before: more than the cores means that others were at work. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const hash = git('rev-parse', '--short', 'HEAD').trim();
    const changed = git('status', '--porcelain', '--', '../../../src') !== '';
    return `${hash}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
