import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../../src/process/logger.ts';
import { Registry } from '../../../../src/process/metrics.ts';
import { OperatorError } from '../../../../src/process/operator-error.ts';
import { LiveSettings } from '../../../../src/settings/live/live-settings.ts';
import { type LoadedSettings, loadSettings } from '../../../../src/settings/load-settings.ts';

type Keys = Readonly<Record<string, string>>;

function loaded(keys: Keys): Promise<LoadedSettings> {
  const flags = Object.entries(keys).map(([key, text]) => ({ key, text, flag: '--set' }));
  return loadSettings({ flags, env: { CASTLING_DATA: '/nowhere' }, cwd: '/nowhere' });
}

/** Live settings whose file is a variable. */
async function rig(concerns = ['proxy', 'log', 'limits', 'auth']) {
  const lines: string[] = [];
  const metrics = new Registry();
  let file: Keys | Error = {};
  const settings = new LiveSettings({
    loaded: await loaded({}),
    load: async () => {
      if (file instanceof Error) throw file;
      return await loaded(file);
    },
    logger: createLogger({
      name: 'x',
      destination: { write: (line: string) => void lines.push(line) },
      pretty: false,
    }),
    metrics,
    concerns,
    now: () => 1_000_000,
  });
  return {
    settings,
    lines,
    reload: (next: Keys | Error) => {
      file = next;
      return settings.reload('command');
    },
    metric: async (name: string) => (await metrics.getSingleMetric(name)?.get())?.values ?? [],
  };
}

const burst = 'limits.session.messages.burst';
const burstOf = (settings: LiveSettings) => settings.current.limits.session.messages.burst;

describe('settings that change', () => {
  it('are applied to those whose part differs, and to no one else', async () => {
    const { settings, reload } = await rig();
    const seen: unknown[] = [];
    settings.subscribe((next) => next.limits.session.messages, { apply: (part) => seen.push(part) });
    settings.subscribe((next) => next.proxy.origins, { apply: () => seen.push('origins') });
    expect(await reload({ [burst]: '7' })).toEqual({ kind: 'applied', changed: [burst], restart: [] });
    expect(seen).toEqual([{ perSecond: 30, burst: 7 }]);
    expect(burstOf(settings)).toBe(7);
    expect(Object.isFrozen(settings.current.limits.session)).toBe(true);
    expect(await reload({ [burst]: '7' })).toEqual({ kind: 'unchanged', restart: [] });
    expect(seen).toHaveLength(1);
  });

  it('are refused whole when one subscriber refuses: nobody applies, what was prepared is abandoned', async () => {
    const { settings, reload, lines } = await rig();
    const steps: string[] = [];
    const follow = (prepare: () => string) =>
      settings.subscribe((next) => next.limits.session, {
        prepare,
        apply: (_part, made) => steps.push(`apply ${made}`),
        abandon: (made) => steps.push(`abandon ${made}`),
      });
    follow(() => 'a');
    follow(() => {
      throw new OperatorError('settings_invalid', 'This machine has no room for that.');
    });
    follow(() => 'c');
    expect(await reload({ [burst]: '7' })).toEqual({
      kind: 'refused',
      reasons: ['This machine has no room for that.'],
    });
    expect(steps).toEqual(['abandon a']);
    expect(burstOf(settings)).toBe(60);
    expect(lines.join('')).toContain('no room for that');
  });

  it('are seen by every subscriber in one turn: none applies before all have prepared', async () => {
    const { settings, reload } = await rig();
    const steps: string[] = [];
    for (const name of ['a', 'b']) {
      settings.subscribe((next) => next.limits.session, {
        prepare: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          steps.push(`prepare ${name} at ${burstOf(settings)}`);
        },
        apply: () => steps.push(`apply ${name} at ${burstOf(settings)}`),
      });
    }
    await reload({ [burst]: '7' });
    expect(steps).toEqual(['prepare a at 60', 'prepare b at 60', 'apply a at 7', 'apply b at 7']);
  });

  it('keep the old value of what needs a restart, and say so until it is over', async () => {
    const { settings, reload, lines, metric } = await rig();
    const outcome = await reload({ 'proxy.port': '9', [burst]: '7' });
    expect(outcome).toEqual({ kind: 'applied', changed: [burst], restart: ['proxy.port'] });
    expect(settings.current.proxy.port).toBe(8443);
    expect(burstOf(settings)).toBe(7);
    expect(settings.waitingForRestart).toEqual(['proxy.port']);
    expect(lines.join('')).toContain('wait for a restart: proxy.port.');
    expect(await metric('castling_settings_waiting_for_restart')).toMatchObject([{ value: 1 }]);
    expect(await reload({ [burst]: '7' })).toMatchObject({ kind: 'applied', restart: [] });
    expect(settings.waitingForRestart).toEqual([]);
  });

  it('stay when the new ones cannot be read, with all mistakes in the log', async () => {
    const { settings, reload, lines, metric } = await rig();
    expect(await reload({ [burst]: 'x', 'proxy.prot': '1' })).toMatchObject({
      kind: 'refused',
      reasons: [expect.stringContaining('proxy.port?'), expect.stringContaining(burst)],
    });
    expect(await reload(new Error('disk on fire'))).toMatchObject({ kind: 'refused' });
    expect(burstOf(settings)).toBe(60);
    expect(settings.history).toHaveLength(1);
    expect(lines.filter((line) => line.includes('New settings are refused'))).toHaveLength(2);
    expect(await metric('castling_settings_reloads_total')).toMatchObject([
      { labels: { outcome: 'applied' }, value: 0 },
      { labels: { outcome: 'refused' }, value: 2 },
    ]);
  });

  it('are told in the log and as metrics, each with the digest of its time', async () => {
    const { settings, reload, lines, metric } = await rig();
    const before = settings.loaded.digest;
    await reload({ [burst]: '7' });
    const after = settings.loaded.digest;
    expect(after).not.toBe(before);
    expect(settings.history).toMatchObject([
      { version: 1, digest: before, cause: 'start' },
      {
        version: 2,
        digest: after,
        cause: 'command',
        changed: [burst],
        appliedAt: '1970-01-01T00:16:40.000Z',
      },
    ]);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ version: 2, digest: after, changed: [burst] });
    expect(await metric('castling_settings_info')).toMatchObject([{ labels: { digest: after }, value: 1 }]);
    expect(await metric('castling_settings_version')).toMatchObject([{ value: 2 }]);
    expect(await metric('castling_settings_applied_timestamp_seconds')).toMatchObject([{ value: 1_000 }]);
    await reload({});
    expect(settings.loaded.digest).toBe(before);
  });

  it('are remembered up to a bound', async () => {
    const { settings, reload } = await rig();
    for (let count = 1; count <= 50; count += 1) await reload({ [burst]: String(count) });
    expect(settings.history).toHaveLength(32);
    expect(settings.history.at(-1)?.version).toBe(51);
  });

  it('of other processes are taken over in silence', async () => {
    const { settings, reload } = await rig(['log']);
    expect(await reload({ [burst]: '7', 'proxy.port': '9' })).toEqual({
      kind: 'applied',
      changed: [],
      restart: [],
    });
    expect(burstOf(settings)).toBe(7);
  });

  it('are read once more when asked for during a reload, and once for many who ask', async () => {
    const { settings, reload } = await rig();
    const gate = Promise.withResolvers<void>();
    let prepared = 0;
    settings.subscribe((next) => next.limits.session, {
      prepare: async () => {
        prepared += 1;
        await gate.promise;
      },
      apply: () => {},
    });
    const first = reload({ [burst]: '7' });
    const second = reload({ [burst]: '8' });
    const third = reload({ [burst]: '9' });
    gate.resolve();
    expect(await first).toMatchObject({ kind: 'applied' });
    expect(await second).toBe(await third);
    expect(burstOf(settings)).toBe(9);
    expect(prepared).toBe(2);
  });

  it('go on when one subscriber breaks its word and fails to apply', async () => {
    const { settings, reload, lines } = await rig();
    let applied = 0;
    settings.subscribe((next) => next.limits.session, {
      apply: () => {
        throw new Error('broken');
      },
    });
    settings.subscribe((next) => next.limits.session, {
      apply: () => {
        applied += 1;
      },
    });
    expect(await reload({ [burst]: '7' })).toMatchObject({ kind: 'applied' });
    expect(applied).toBe(1);
    expect(lines.join('')).toContain('broken');
  });

  it('are no more followed by who has stopped', async () => {
    const { settings, reload } = await rig();
    let applied = 0;
    const stop = settings.subscribe((next) => next.limits.session, {
      apply: () => {
        applied += 1;
      },
    });
    stop();
    await reload({ [burst]: '7' });
    expect(applied).toBe(0);
  });
});
