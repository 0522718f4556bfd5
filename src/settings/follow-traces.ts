import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../process/folders.ts';
import type { Logger } from '../process/logger.ts';
import { LiveTracer } from '../process/traces/live-tracer.ts';
import type { SettingsSource } from './live/settings-source.ts';

/** The tracer of a process, which obeys the section `traces` now and whenever it changes. */
export async function followTraces(
  settings: SettingsSource,
  { service, logger }: { readonly service: string; readonly logger: Logger },
): Promise<LiveTracer> {
  const manifest = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const { version } = manifest as { version: string };
  const tracer = new LiveTracer({ service, version, logger, random: Math.random });
  const { traces } = settings.current;
  tracer.apply(traces, await tracer.prepare(traces));
  settings.subscribe((next) => next.traces, {
    prepare: (next) => tracer.prepare(next),
    apply: (next, prepared) => tracer.apply(next, prepared),
    abandon: (prepared) => void prepared?.close(0),
  });
  return tracer;
}
