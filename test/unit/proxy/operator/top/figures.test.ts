import { describe, expect, it } from 'vitest';
import { Counter, Gauge, Histogram, Registry } from '../../../../../src/process/metrics.ts';
import { figuresOf } from '../../../../../src/proxy/operator/top/figures.ts';
import type { Sample } from '../../../../../src/proxy/operator/top/sample.ts';
import { screenOf } from '../../../../../src/proxy/operator/top/screen.ts';
import type { ProcessMetrics } from '../../../../../src/proxy/primary/merge-metrics.ts';

/** A worker and a backend that count, and can be looked at. */
class Processes {
  readonly #worker = new Registry();
  readonly #backend = new Registry();
  readonly moves = new Histogram({
    name: 'castling_request_duration_seconds',
    help: 'x',
    labelNames: ['method', 'outcome'],
    buckets: [0.001, 0.01, 0.1],
    registers: [this.#worker],
  });
  readonly refusals = new Counter({
    name: 'castling_policy_refusals_total',
    help: 'x',
    labelNames: ['rule'],
    registers: [this.#worker],
  });
  readonly cpu = new Counter({ name: 'process_cpu_seconds_total', help: 'x', registers: [this.#worker] });
  readonly matches = new Gauge({ name: 'castling_game_matches', help: 'x', registers: [this.#backend] });

  async look(at: number, reasons: string[] = []): Promise<Sample> {
    const read = async (registry: Registry): Promise<ProcessMetrics> =>
      JSON.parse(JSON.stringify(await registry.getMetricsAsJSON()));
    const status = (process: string) => ({ process, pid: 7, seconds: 90, reasons });
    return {
      at,
      processes: new Map([
        ['worker 1', { status: { ...status('worker 1'), sockets: 3 }, metrics: await read(this.#worker) }],
        ['backend 7878', { status: status('backend 7878'), metrics: await read(this.#backend) }],
      ]),
    };
  }
}

describe('the figures of castling top', () => {
  it('are rates and times of what happened between two looks, and the state at the later one', async () => {
    const processes = new Processes();
    processes.moves.observe({ method: 'match.move', outcome: 'answered' }, 5);
    const before = await processes.look(1_000);
    for (let move = 0; move < 40; move += 1) {
      processes.moves.observe({ method: 'match.move', outcome: 'answered' }, 0.005);
    }
    processes.moves.observe({ method: 'match.list', outcome: 'answered' }, 5);
    processes.refusals.inc({ rule: 'rate.session' }, 6);
    processes.refusals.inc({ rule: 'size' }, 2);
    processes.cpu.inc(1);
    processes.matches.set(12);
    const figures = figuresOf(before, await processes.look(3_000));
    expect(figures).toMatchObject({ overMs: 2_000, matches: 12, obstacles: [], upSeconds: 90 });
    expect(figures.rates).toMatchObject({ moves: 20, requests: 20.5 });
    expect(figures.move.p50).toBeCloseTo(5.5);
    expect(figures.refusals).toEqual([
      ['rate.session', 3],
      ['size', 1],
    ]);
    expect(figures.processes[0]).toMatchObject({
      name: 'worker 1',
      cpuPercent: 50,
      sockets: 3,
      isReady: true,
    });
  });

  it('count a process that was replaced from its beginning, and one that was not there before not at all', async () => {
    const old = new Processes();
    old.refusals.inc({ rule: 'size' }, 100);
    const before = await old.look(0);
    const fresh = new Processes();
    fresh.refusals.inc({ rule: 'size' }, 5);
    expect(figuresOf(before, await fresh.look(1_000)).refusals).toEqual([['size', 5]]);
    const unknown: Sample = { at: 0, processes: new Map() };
    expect(figuresOf(unknown, await fresh.look(1_000)).refusals).toEqual([]);
  });

  it('are shown in lines that a stranger’s words cannot break, with what keeps players out first', async () => {
    const processes = new Processes();
    const before = await processes.look(0);
    const figures = figuresOf(before, await processes.look(1_000, ['the game\nbackend cannot be reached']));
    const lines = screenOf(figures);
    expect(lines[0]).toMatch(/NOT READY: the game\\u000abackend cannot be reached/);
    expect(lines.join('')).not.toContain('\n');
    expect(lines.join('\n')).not.toMatch(/NaN|undefined|Infinity/);
  });
});
