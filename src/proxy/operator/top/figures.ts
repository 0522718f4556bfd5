import { type Bucket, quantile } from './quantile.ts';
import { bucketsOf, byLabel, type ProcessSample, type Sample, type Series, sumOf } from './sample.ts';

/** What an operator looks at: the state at the later of two samples, and what happened between them. */
export interface Figures {
  /** Milliseconds between the samples. */
  readonly overMs: number;
  readonly obstacles: readonly string[];
  /** Seconds since the oldest process began. */
  readonly upSeconds: number;
  readonly sockets: number;
  readonly sessions: number;
  readonly matches: number;
  readonly waiting: number;
  /** Each a second. */
  readonly rates: {
    readonly moves: number;
    readonly requests: number;
    readonly signIns: number;
    readonly failedSignIns: number;
    readonly commits: number;
    readonly commands: number;
    readonly refusedConnections: number;
  };
  readonly move: Latencies;
  readonly commit: Latencies;
  /** What was refused, a second, by rule or code; the most frequent first. */
  readonly refusals: readonly (readonly [string, number])[];
  readonly processes: readonly ProcessFigures[];
}

/** Milliseconds. `undefined` when there was nothing to measure. */
export interface Latencies {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export interface ProcessFigures {
  readonly name: string;
  readonly pid: number | undefined;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  /** Milliseconds that the event loop was late, at the 99th percentile. */
  readonly loopMs: number;
  readonly sockets: number | undefined;
  readonly isReady: boolean;
}

const answeredMoves: Series = {
  name: 'castling_request_duration_seconds',
  labels: { method: 'match.move', outcome: 'answered' },
};
const commits: Series = { name: 'castling_log_commit_duration_seconds' };
const refusalCounters = [
  ['castling_policy_refusals_total', 'rule'],
  ['castling_request_refusals_total', 'code'],
] as const;

export function figuresOf(before: Sample, now: Sample): Figures {
  const overMs = now.at - before.at;
  const between = new Between(before, now);
  const rate = (series: Series) => (between.increase(series) * 1_000) / overMs;
  const counted = (series: Series): Series => ({ ...series, name: `${series.name}_count` });
  const all = [...now.processes.values()];
  const state = (name: string) => all.reduce((sum, process) => sum + sumOf(process, { name }), 0);
  const signIn = (status: string): Series => ({
    name: 'castling_http_requests_total',
    labels: { kind: 'POST /auth/login', status },
  });
  return {
    overMs,
    obstacles: [...new Set(all.flatMap(({ status }) => status?.reasons ?? []))],
    upSeconds: Math.max(0, ...all.map(({ status }) => status?.seconds ?? 0)),
    sockets: state('castling_proxy_sockets'),
    sessions: state('castling_proxy_sessions'),
    matches: state('castling_game_matches'),
    waiting: state('castling_game_waiting_players'),
    rates: {
      moves: rate(counted(answeredMoves)),
      requests: rate({ name: 'castling_request_duration_seconds_count' }),
      signIns: rate(signIn('200')),
      failedSignIns: rate(signIn('401')) + rate(signIn('429')),
      commits: rate(counted(commits)),
      commands: rate({ name: 'castling_log_commands_total' }),
      refusedConnections: rate({ name: 'castling_listener_refused_connections_total' }),
    },
    move: latencies(between.buckets(answeredMoves)),
    commit: latencies(between.buckets(commits)),
    refusals: refusalCounters
      .flatMap(([name, label]) => [...between.increaseBy(name, label)])
      .filter(([, count]) => count > 0)
      .map(([what, count]) => [what, (count * 1_000) / overMs] as const)
      .sort(([, a], [, b]) => b - a),
    processes: [...now.processes].map(([name, process]) => {
      const { status } = process;
      const cpu = between.increase({ name: 'process_cpu_seconds_total' }, name);
      return {
        name,
        pid: status?.pid,
        cpuPercent: (cpu * 100_000) / overMs,
        memoryBytes: sumOf(process, { name: 'process_resident_memory_bytes' }),
        loopMs: sumOf(process, { name: 'nodejs_eventloop_lag_p99_seconds' }) * 1_000,
        sockets: status?.sockets,
        isReady: status?.reasons.length === 0,
      };
    }),
  };
}

function latencies(buckets: readonly Bucket[]): Latencies {
  const ms = (q: number) => {
    const seconds = quantile(q, buckets);
    return seconds === undefined ? undefined : seconds * 1_000;
  };
  return { p50: ms(0.5), p99: ms(0.99) };
}

/** What counters rose by. One that fell is of a new process under an old name, and began at zero. */
class Between {
  readonly #before: Sample;
  readonly #now: Sample;

  constructor(before: Sample, now: Sample) {
    this.#before = before;
    this.#now = now;
  }

  increase(series: Series, process?: string): number {
    let sum = 0;
    for (const [name, now, before] of this.#pairs()) {
      if (process !== undefined && name !== process) continue;
      sum += risen(before && sumOf(before, series), sumOf(now, series));
    }
    return sum;
  }

  increaseBy(metric: string, label: string): Map<string, number> {
    const sums = new Map<string, number>();
    for (const [, now, before] of this.#pairs()) {
      const earlier = before && byLabel(before, metric, label);
      for (const [key, value] of byLabel(now, metric, label)) {
        sums.set(key, (sums.get(key) ?? 0) + risen(earlier && (earlier.get(key) ?? 0), value));
      }
    }
    return sums;
  }

  buckets({ name, labels }: Series): Bucket[] {
    const series = { name, ...(labels && { labels }) };
    const counts = new Map<number, number>();
    for (const [, now, before] of this.#pairs()) {
      const earlier = new Map((before ? bucketsOf(before, series) : []).map(({ le, count }) => [le, count]));
      for (const { le, count } of bucketsOf(now, series)) {
        counts.set(le, (counts.get(le) ?? 0) + risen(before && (earlier.get(le) ?? 0), count));
      }
    }
    return [...counts].map(([le, count]) => ({ le, count })).sort((a, b) => a.le - b.le);
  }

  *#pairs(): Generator<readonly [string, ProcessSample, ProcessSample | undefined]> {
    for (const [name, now] of this.#now.processes) yield [name, now, this.#before.processes.get(name)];
  }
}

/** A process that was not there before may have counted for long: only what is known to be new counts. */
function risen(before: number | undefined, now: number): number {
  if (before === undefined) return 0;
  return now < before ? now : now - before;
}
