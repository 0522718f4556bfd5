import { describe, expect, it, vi } from 'vitest';
import { createLogger } from '../../../../src/process/logger.ts';
import { OperatorError } from '../../../../src/process/operator-error.ts';
import type { Worker } from '../../../../src/proxy/primary/worker-process.ts';
import { WorkerSettings } from '../../../../src/proxy/primary/worker-settings.ts';
import { type Settings, SettingsFollowers } from '../../../../src/settings/index.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const [before, after] = [{ version: 1 }, { version: 2 }] as unknown as [Settings, Settings];

/** As much of a worker as takes settings. */
function fakeWorker(refuses = false) {
  const worker = {
    isServing: true,
    settings: before,
    kill: vi.fn(),
    abandoned: 0,
    async prepare(next: Settings) {
      if (refuses) throw new OperatorError('settings_invalid', 'This worker cannot.');
      return {
        apply: () => {
          worker.settings = next;
        },
        abandon: () => {
          worker.abandoned += 1;
        },
      };
    },
  };
  return worker;
}

function primaryWith(workers: ReturnType<typeof fakeWorker>[]) {
  const source = new SettingsFollowers(before, logger);
  const serving = () => workers as unknown as Worker[];
  return { source, follow: new WorkerSettings({ source, serving, logger }) };
}

describe('settings of the workers', () => {
  it('are in effect nowhere before everybody has agreed', async () => {
    const workers = [fakeWorker(), fakeWorker()];
    const { source } = primaryWith(workers);
    const prepared = await source.prepare(after);
    expect(workers.map(({ settings }) => settings)).toEqual([before, before]);
    prepared.apply();
    expect([source.current, ...workers.map(({ settings }) => settings)]).toEqual([after, after, after]);
  });

  it('stay the old ones everywhere when one worker refuses', async () => {
    const workers = [fakeWorker(), fakeWorker(true)];
    const { source } = primaryWith(workers);
    await expect(source.prepare(after)).rejects.toThrow('This worker cannot.');
    expect(workers.map(({ settings }) => settings)).toEqual([before, before]);
    expect(workers[0]?.abandoned).toBe(1);
    expect(source.current).toBe(before);
  });

  it('reach a worker that came up while they changed', async () => {
    const workers = [fakeWorker()];
    const { source } = primaryWith(workers);
    const prepared = await source.prepare(after);
    const late = fakeWorker();
    workers.push(late);
    prepared.apply();
    await vi.waitFor(() => expect(late.settings).toBe(after));
  });

  it('end a worker that cannot take those in effect', async () => {
    const worker = fakeWorker(true);
    const { source, follow } = primaryWith([]);
    (await source.prepare(after)).apply();
    await follow.catchUp(worker as unknown as Worker);
    expect(worker.kill).toHaveBeenCalledOnce();
  });
});
