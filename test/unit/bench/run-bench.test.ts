import { describe, expect, it } from 'vitest';
import type { Bench, Subject } from '../../bench/harness/bench.ts';
import { benchmarksPage } from '../../bench/harness/page.ts';
import type { Place } from '../../bench/harness/place.ts';
import { cpuMicroseconds } from '../../bench/harness/processes.ts';
import { report } from '../../bench/harness/report.ts';
import { type BenchResult, judge } from '../../bench/harness/result.ts';
import { runBench } from '../../bench/harness/run-bench.ts';

const place = {} as Place;
const quick = { place, say: () => {} };

/** A subject that gives these figures, one in each round. */
function subject(name: string, tell: (name: string) => void, values: number[] = [1]): () => Promise<Subject> {
  let round = 0;
  return async () => ({
    pids: () => [process.pid],
    async round({ measured }) {
      tell(name);
      await measured(async () => {});
      const size = values[round % values.length] ?? 0;
      round += 1;
      return { operations: 10, latencies: [1, 2, 3], figures: { size } };
    },
    stop: async () => tell(`${name} stops`),
  });
}

function bench(tell: (name: string) => void = () => {}, more: Partial<Bench> = {}): Bench {
  return {
    name: 'example',
    question: 'How large is it?',
    operation: 'thing',
    subjects: {
      castling: subject('castling', tell, [10, 40, 90]),
      peer: subject('peer', tell, [20, 80, 100]),
    },
    figures: { size: { label: 'size', unit: 'KiB', better: 'less' } },
    targets: [
      { figure: 'size', peer: 'peer', most: 0.5 },
      { figure: 'size', least: 50 },
    ],
    rounds: 3,
    seconds: 0.01,
    warmUp: 0,
    ...more,
  };
}

describe('a run of a benchmark', () => {
  it('measures the subjects in turn, round after round, and stops all of them', async () => {
    const told: string[] = [];
    await runBench(
      bench((name) => told.push(name)),
      quick,
    );
    const round = ['castling', 'peer'];
    expect(told).toEqual([...round, ...round, ...round, 'castling stops', 'peer stops']);
  });

  it('lets a subject that wants to be alone go before the next one comes', async () => {
    const told: string[] = [];
    await runBench(
      bench((name) => told.push(name), { alone: true, rounds: 1 }),
      quick,
    );
    expect(told).toEqual(['castling', 'castling stops', 'peer', 'peer stops']);
  });

  it('gives medians, the median of the rounds’ ratios, and how far both spread', async () => {
    const result = await runBench(bench(), quick);
    expect(result.castling.size).toBe(40);
    expect(result.peers.peer?.size).toBe(80);
    expect(result.ratio.peer?.size).toBe(0.5);
    expect(result.spread.castling.size).toEqual([10, 90]);
    expect(result.spread.ratio.peer?.size).toEqual([0.5, 0.9]);
    expect(result.castling.p50Ms).toBe(2);
  });

  it('judges each target by what was measured', async () => {
    const result = await runBench(bench(), quick);
    expect(judge(result).map(({ measured, isMet }) => ({ measured, isMet }))).toEqual([
      { measured: 0.5, isMet: true },
      { measured: 40, isMet: false },
    ]);
  });

  it('says which peers there are when asked for another, and keeps no target of one that was left out', async () => {
    await expect(runBench(bench(), { ...quick, peers: ['other'] })).rejects.toThrow('it has peer');
    const { bench: ran, peers } = await runBench(bench(), { ...quick, peers: [] });
    expect(peers).toEqual({});
    expect(ran.targets).toEqual([{ figure: 'size', least: 50 }]);
  });

  it('stops what it started when a later subject cannot start', async () => {
    const told: string[] = [];
    const subjects = {
      castling: subject('castling', (name) => told.push(name)),
      peer: async () => {
        throw new Error('not installed');
      },
    };
    await expect(
      runBench(
        bench(() => {}, { subjects }),
        quick,
      ),
    ).rejects.toThrow('not installed');
    expect(told).toEqual(['castling stops']);
  });

  it('counts the CPU that a process takes', () => {
    const before = cpuMicroseconds([process.pid]);
    for (const end = performance.now() + 100; performance.now() < end; );
    expect(cpuMicroseconds([process.pid]) - before).toBeGreaterThan(5_000);
  });
});

describe('the page of benchmarks', () => {
  it('shows each target beside what was measured, met or missed, and losses as they are', async () => {
    const page = benchmarksPage([await runBench(bench(), quick)]);
    expect(page).toContain('size by that of peer: at most 0.5, measured 0.50 | met |');
    expect(page).toContain('size: at least 50 KiB, measured 40.0 | **missed** |');
    expect(page).toContain('40.0 (10.0–90.0)');
    expect(page).toContain('0.50 (0.50–0.90)');
  });

  it('has the same content whatever order the results come in', async () => {
    const result = await runBench(bench(), quick);
    const named = (name: string): BenchResult => ({ ...result, bench: { ...result.bench, name } });
    const page = benchmarksPage([named('moves-400'), named('moves-50')]);
    expect(page).toBe(benchmarksPage([named('moves-50'), named('moves-400')]));
    expect(page.indexOf('## moves-50')).toBeLessThan(page.indexOf('## moves-400'));
  });

  it('tells the same in the terminal', async () => {
    const text = report(await runBench(bench(), quick));
    expect(text).toContain('met    size by that of peer: at most 0.5, measured 0.50');
    expect(text).toContain('MISSED size: at least 50 KiB, measured 40.0');
  });
});
