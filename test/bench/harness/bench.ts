/**
 * The form of a benchmark: one file in `test/bench`, whose default export is a `Bench`. It asks one question and has several
 * subjects, of which the first is Castling. See README.md beside this folder.
 */
import type { Place } from './place.ts';

export interface Bench {
  /** The file's name without its ending. */
  readonly name: string;
  /** One sentence that ends with a question mark. */
  readonly question: string;
  /** What is counted, in the singular: `move`, `request`. */
  readonly operation: string;
  /** What a reader has to know to judge the figures. */
  readonly notes?: readonly string[];
  /** By name, `castling` first. */
  readonly subjects: Readonly<Record<string, (place: Place) => Promise<Subject>>>;
  /** A server that does next to nothing, to show what the load generator itself can do. */
  readonly nullServer?: (place: Place) => Promise<Subject>;
  /** Figures of its own, beside those that every bench has. */
  readonly figures?: Readonly<Record<string, FigureForm>>;
  readonly targets?: readonly Target[];
  /** Default 5. */
  readonly rounds?: number;
  /** Of measured load in one subject's round. Default 3. */
  readonly seconds?: number;
  /** Seconds of load that each subject gets before the first round, not measured. Default 2; 0 for none. */
  readonly warmUp?: number;
  /** True when subjects must not be there at the same time: each is started for its round and stopped after it. */
  readonly alone?: boolean;
}

/** One server, or several behind one another, with its players. */
export interface Subject {
  /** All its processes as they are now, without those that make the load. */
  pids(): readonly number[];
  round(round: Round): Promise<Done>;
  stop(): Promise<void>;
}

export interface Round {
  /** For about so long the load should last. */
  readonly milliseconds: number;
  /** Before the first round that counts. */
  readonly isWarmUp: boolean;
  /** Runs what is to be measured, once or in several stretches: only in them CPU and time count. */
  measured<Result>(run: () => Promise<Result>): Promise<Result>;
}

export interface Done {
  /** How many there were within what was measured; 0 where CPU and time an operation mean nothing. */
  readonly operations: number;
  /** Milliseconds, in any order. */
  readonly latencies?: readonly number[];
  /** By the names in `Bench.figures`. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface FigureForm {
  readonly label: string;
  readonly unit: string;
  /** Whether less of it is better; a ratio is always Castling's figure by the peer's. */
  readonly better: 'less' | 'more';
}

/** `figure` of Castling by that of `peer`, or, without a peer, as it is. Exactly one bound. */
export interface Target {
  readonly figure: string;
  readonly peer?: string;
  readonly most?: number;
  readonly least?: number;
}

/** What every bench measures, if it has operations or latencies at all. */
export const commonFigures: Readonly<Record<string, FigureForm>> = {
  cpuMicroseconds: { label: 'CPU', unit: 'µs', better: 'less' },
  perSecond: { label: 'rate', unit: '/s', better: 'more' },
  p50Ms: { label: 'p50', unit: 'ms', better: 'less' },
  p99Ms: { label: 'p99', unit: 'ms', better: 'less' },
  p999Ms: { label: 'p99.9', unit: 'ms', better: 'less' },
};

/** A fault of whoever runs the benchmarks, or of their machine, with what to do about it. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
