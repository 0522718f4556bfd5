import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CpuProfile, flameGraph } from './flame-graph.ts';

/** By a file that works in one kind of process only. */
const processes = { worker: 'src/proxy/pipeline.ts', backend: 'src/game/live-match.ts' } as const;

/** Draws `BENCH-worker.svg` and `BENCH-backend.svg` out of the profiles that Castling's processes have left. */
export function writeFlameGraphs({
  profiles,
  folder,
  bench,
}: {
  readonly profiles: string;
  readonly folder: string;
  readonly bench: string;
}): void {
  const all = readdirSync(profiles).map(
    (file) => JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile,
  );
  mkdirSync(folder, { recursive: true });
  for (const [role, file] of Object.entries(processes)) {
    const [busiest] = all
      .map((profile) => ({ profile, samples: samplesIn(profile, file) }))
      .sort((a, b) => b.samples - a.samples);
    if (busiest === undefined || busiest.samples === 0) continue;
    const title = `${bench}: where the ${role}’s main thread is when it works, second half of the run`;
    writeFileSync(join(folder, `${bench}-${role}.svg`), flameGraph(busiest.profile, { title }));
  }
}

function samplesIn({ nodes, samples }: CpuProfile, file: string): number {
  const there = new Set(nodes.filter(({ callFrame }) => callFrame.url.endsWith(file)).map(({ id }) => id));
  return samples.filter((id) => there.has(id)).length;
}
