import type { FigureForm, Target } from './bench.ts';
import type { Machine } from './machine.ts';
import type { Spread } from './statistics.ts';

/** Medians over all rounds, by the figure's name. */
export type Figures = Readonly<Record<string, number>>;
export type Spreads = Readonly<Record<string, Spread>>;

/** What `--json FILE` writes, and all that the page is made from. */
export interface BenchResult {
  readonly bench: {
    readonly name: string;
    readonly question: string;
    readonly operation: string;
    readonly notes: readonly string[];
    readonly figures: Readonly<Record<string, FigureForm>>;
    readonly targets: readonly Target[];
    readonly rounds: number;
    readonly seconds: number;
    /** The generator against a server that does next to nothing. */
    readonly generator?: Figures;
  };
  readonly castling: Figures;
  readonly peers: Readonly<Record<string, Figures>>;
  /** Castling's figure by the peer's: the median of the rounds' ratios. */
  readonly ratio: Readonly<Record<string, Figures>>;
  /** The least and the most of all rounds. */
  readonly spread: {
    readonly castling: Spreads;
    readonly peers: Readonly<Record<string, Spreads>>;
    readonly ratio: Readonly<Record<string, Spreads>>;
  };
  readonly machine: Machine;
}

/** A target beside what was measured. */
export interface Judged extends Target {
  readonly measured: number | undefined;
  readonly isMet: boolean;
}

export function judge({ bench, castling, ratio }: BenchResult): Judged[] {
  return bench.targets.map((target) => {
    const { figure, peer, most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY } = target;
    const measured = peer === undefined ? castling[figure] : ratio[peer]?.[figure];
    return { ...target, measured, isMet: measured !== undefined && measured <= most && measured >= least };
  });
}
