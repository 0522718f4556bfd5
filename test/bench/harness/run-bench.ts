import type { Bench, Done, FigureForm, Subject } from './bench.ts';
import { BenchError, commonFigures } from './bench.ts';
import { describeMachine } from './machine.ts';
import type { Place } from './place.ts';
import { cpuMicroseconds } from './processes.ts';
import type { BenchResult, Figures, Spreads } from './result.ts';
import { ascending, median, quantile, ratios, spread } from './statistics.ts';

export interface RunOptions {
  readonly place: Place;
  readonly rounds?: number | undefined;
  readonly seconds?: number | undefined;
  /** Only these peers, beside Castling. */
  readonly peers?: readonly string[] | undefined;
  readonly say: (progress: string) => void;
}

/** Measures every subject in turn, round after round: A B C A B C …, so that a slow minute of the machine meets all of them. */
export async function runBench(bench: Bench, options: RunOptions): Promise<BenchResult> {
  const { place, rounds = bench.rounds ?? 5, seconds = bench.seconds ?? 3, say } = options;
  const machine = describeMachine();
  const starters = chosen(bench, options.peers);
  const names = [...starters.keys()];
  const samples = new Map(names.map((name) => [name, [] as Figures[]]));
  const running = new Map<string, Subject>();
  const started = async (name: string): Promise<Subject> => {
    const there = running.get(name);
    if (there !== undefined) return there;
    say(`${bench.name}: starting ${name}`);
    const subject = await (starters.get(name) as (place: Place) => Promise<Subject>)(place);
    running.set(name, subject);
    const warmUp = bench.warmUp ?? 2;
    if (warmUp > 0) await sample(subject, warmUp, true);
    return subject;
  };
  const stop = async (name: string) => {
    const subject = running.get(name);
    running.delete(name);
    await subject?.stop();
  };
  let generator: Figures | undefined;
  try {
    if (bench.nullServer !== undefined) {
      say(`${bench.name}: the load generator against a null server`);
      const subject = await bench.nullServer(place);
      running.set('null server', subject);
      await sample(subject, 1, true);
      generator = await sample(subject, Math.min(seconds, 3));
      await stop('null server');
    }
    if (!bench.alone) for (const name of names) await started(name);
    for (let round = 1; round <= rounds; round += 1) {
      for (const name of names) {
        const subject = await started(name);
        say(`${bench.name}: round ${round} of ${rounds}, ${name}`);
        samples.get(name)?.push(await sample(subject, seconds));
        if (bench.alone) await stop(name);
      }
    }
  } finally {
    for (const name of [...running.keys()]) await stop(name);
  }
  return summarise({ bench, rounds, seconds, samples, machine, generator });
}

/** One round of one subject. */
async function sample(subject: Subject, seconds: number, isWarmUp = false): Promise<Figures> {
  let cpu = 0;
  let milliseconds = 0;
  let ownCpu = 0;
  const done = await subject.round({
    milliseconds: seconds * 1_000,
    isWarmUp,
    async measured(run) {
      const pids = subject.pids();
      const before = {
        cpu: cpuMicroseconds(pids),
        own: cpuMicroseconds([process.pid]),
        at: performance.now(),
      };
      try {
        return await run();
      } finally {
        milliseconds += performance.now() - before.at;
        ownCpu += cpuMicroseconds([process.pid]) - before.own;
        cpu += cpuMicroseconds(pids) - before.cpu;
      }
    },
  });
  return figuresOf(done, { cpu, ownCpu, milliseconds });
}

function figuresOf(
  { operations, latencies = [], figures = {} }: Done,
  spent: { readonly cpu: number; readonly ownCpu: number; readonly milliseconds: number },
): Figures {
  const sorted = ascending(latencies);
  return {
    ...(operations > 0 && {
      cpuMicroseconds: spent.cpu / operations,
      perSecond: (operations / spent.milliseconds) * 1_000,
      generatorBusy: (spent.ownCpu / spent.milliseconds / 1_000) * 100,
    }),
    ...(sorted.length > 0 && {
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      p999Ms: quantile(sorted, 0.999),
    }),
    ...figures,
  };
}

const ownFigures: Readonly<Record<string, FigureForm>> = {
  ...commonFigures,
  generatorBusy: { label: 'load generator busy', unit: '%', better: 'less' },
};

function summarise({
  bench,
  rounds,
  seconds,
  samples,
  machine,
  generator,
}: {
  readonly bench: Bench;
  readonly rounds: number;
  readonly seconds: number;
  readonly samples: ReadonlyMap<string, readonly Figures[]>;
  readonly machine: BenchResult['machine'];
  readonly generator?: Figures | undefined;
}): BenchResult {
  const [ours = [], ...others] = samples.values();
  const peerNames = [...samples.keys()].slice(1);
  const byPeer = <Value>(make: (theirs: readonly Figures[]) => Value): Record<string, Value> =>
    Object.fromEntries(peerNames.map((name, index) => [name, make(others[index] ?? [])]));
  const { name, question, operation, notes = [], targets = [] } = bench;
  const measured = new Set(
    [...samples.values()].flatMap((list) => list.flatMap((each) => Object.keys(each))),
  );
  const forms = Object.entries({ ...ownFigures, ...bench.figures }).filter(([figure]) =>
    measured.has(figure),
  );
  return {
    bench: {
      name,
      question,
      operation,
      notes,
      figures: Object.fromEntries(forms),
      // A run of fewer peers says nothing about the others.
      targets: targets.filter(({ peer }) => peer === undefined || peerNames.includes(peer)),
      rounds,
      seconds,
      ...(generator !== undefined && { generator: rounded(generator) }),
    },
    castling: medians(ours),
    peers: byPeer(medians),
    ratio: byPeer((theirs) => eachFigure(ours, (figure) => median(ratiosOf(figure, ours, theirs)))),
    spread: {
      castling: spreads(ours),
      peers: byPeer(spreads),
      ratio: byPeer((theirs) => eachFigure(ours, (figure) => spread(ratiosOf(figure, ours, theirs)))),
    },
    machine,
  };
}

const medians = (list: readonly Figures[]): Figures =>
  eachFigure(list, (figure) => median(column(list, figure)));

const spreads = (list: readonly Figures[]): Spreads =>
  eachFigure(list, (figure) => spread(column(list, figure)));

function ratiosOf(figure: string, ours: readonly Figures[], theirs: readonly Figures[]): number[] {
  return ratios(column(ours, figure), column(theirs, figure));
}

function column(list: readonly Figures[], figure: string): number[] {
  return list.map((each) => each[figure] ?? Number.NaN);
}

/** Leaves out what is no number: a figure that the other one does not have. */
function eachFigure<Value extends number | readonly number[]>(
  list: readonly Figures[],
  make: (figure: string) => Value,
): Record<string, Value> {
  const entries = Object.keys(list[0] ?? {}).map((figure) => [figure, round(make(figure))] as const);
  return Object.fromEntries(entries.filter(([, value]) => [value].flat().every(Number.isFinite)));
}

function rounded(figures: Figures): Figures {
  return eachFigure([figures], (figure) => figures[figure] ?? Number.NaN);
}

/** Four digits that count; more would be noise. */
function round<Value extends number | readonly number[]>(value: Value): Value {
  if (typeof value !== 'number') return value.map((each) => round(each)) as unknown as Value;
  return Number(value.toPrecision(4)) as Value;
}

function chosen(bench: Bench, peers: readonly string[] | undefined): Map<string, Bench['subjects'][string]> {
  const all = Object.entries(bench.subjects);
  const unknown = peers?.find((name) => bench.subjects[name] === undefined);
  if (unknown !== undefined) {
    throw new BenchError(
      `${bench.name} has no peer ${unknown}; it has ${all
        .slice(1)
        .map(([name]) => name)
        .join(', ')}.`,
    );
  }
  return new Map(all.filter(([name], index) => index === 0 || peers === undefined || peers.includes(name)));
}
