/**
 * `npm run bench [-- NAME …] [--rounds N] [--seconds S] [--peers A,B] [--json FILE] [--json-dir FOLDER] [--flame FOLDER]`. Without names all are run.
 * `npm run bench -- --page` writes docs/benchmarks.md from docs/benchmarks/*.json. See README.md.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, BenchError } from './harness/bench.ts';
import { pageOf } from './harness/page-of.ts';
import { openPlace } from './harness/place.ts';
import { report } from './harness/report.ts';
import type { BenchResult } from './harness/result.ts';
import { runBench } from './harness/run-bench.ts';
import { writeFlameGraphs } from './harness/write-flame-graphs.ts';

const root = join(import.meta.dirname, '..', '..');
const results = join(root, 'docs', 'benchmarks');

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      peers: { type: 'string' },
      json: { type: 'string' },
      'json-dir': { type: 'string' },
      flame: { type: 'string' },
      page: { type: 'boolean' },
      list: { type: 'boolean' },
    },
  });
  if (values.list) process.stdout.write(`${benchNames().join('\n')}\n`);
  else if (values.page) writePage();
  else await run(positionals, values);
} catch (error) {
  const isOurs =
    error instanceof BenchError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  if (!isOurs) throw error;
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 64;
}

interface Options {
  readonly rounds?: string | undefined;
  readonly seconds?: string | undefined;
  readonly peers?: string | undefined;
  readonly json?: string | undefined;
  readonly 'json-dir'?: string | undefined;
  readonly flame?: string | undefined;
}

async function run(wanted: readonly string[], options: Options): Promise<void> {
  const names = wanted.length === 0 ? benchNames() : wanted;
  const benches = await Promise.all(names.map(load));
  if (options.json !== undefined && benches.length !== 1) {
    throw new BenchError('--json FILE is for one bench; use --json-dir FOLDER for several.');
  }
  if (options.flame !== undefined && benches.length !== 1) {
    throw new BenchError('--flame FOLDER is for one bench: its figures are those of profiled processes.');
  }
  const place = openPlace({ withProfiles: options.flame !== undefined });
  const failed: string[] = [];
  try {
    for (const bench of benches) {
      try {
        const result = await runBench(bench, {
          place,
          rounds: count('rounds', options.rounds),
          seconds: count('seconds', options.seconds),
          peers: options.peers?.split(','),
          say,
        });
        hush();
        process.stdout.write(`${report(result)}\n`);
        save(result, options);
        if (options.flame !== undefined && place.profiles !== undefined) {
          writeFlameGraphs({ profiles: place.profiles, folder: options.flame, bench: bench.name });
        }
      } catch (error) {
        hush();
        // One bench that fails in a long run leaves the others their turn.
        if (benches.length === 1) throw error;
        failed.push(bench.name);
        process.stderr.write(`bench: ${bench.name} failed: ${(error as Error).stack}\n`);
      }
    }
  } finally {
    hush();
    place.remove();
  }
  if (failed.length > 0) throw new BenchError(`These failed: ${failed.join(', ')}.`);
}

function save(result: BenchResult, { json, 'json-dir': folder }: Options): void {
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  if (json !== undefined) writeFileSync(json, text);
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${result.bench.name}.json`), text);
  }
}

function writePage(): void {
  writeFileSync(join(root, 'docs', 'benchmarks.md'), pageOf(results));
}

/** The files whose default export is a bench; the others are programs of their own, which a mere import would run. */
function benchNames(): string[] {
  const isBench = (file: string) =>
    /^export default /m.test(readFileSync(join(import.meta.dirname, file), 'utf8'));
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.ts') && isBench(file))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

async function load(name: string): Promise<Bench> {
  if (!benchNames().includes(name)) {
    throw new BenchError(`there is no bench ${name}; there are ${benchNames().join(', ')}.`);
  }
  const { default: bench } = (await import(`./${name}.ts`)) as { default: Bench };
  return bench;
}

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && value <= 3_600)) throw new BenchError(`--${option} is a number above 0, not ${text}.`);
  return value;
}

/** On a terminal one line that changes; in a file, one line for each step. */
function say(progress: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${progress}…` : `${progress}\n`);
}

function hush(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}
