import { describe, expect, it } from 'vitest';
import { limitsCheck, type Resources } from '../../../../src/doctor/checks/limits.ts';
import { makePatient } from '../../../support/doctor-patient.ts';

const plenty: Resources = {
  descriptors: 20_000,
  memory: 8 * 2 ** 30,
  availableMemory: 4 * 2 ** 30,
  cores: 4,
};

async function marks(resources: Partial<Resources>, changes: Parameters<typeof makePatient>[0] = {}) {
  using patient = await makePatient(changes);
  const findings = await limitsCheck(() => ({ ...plenty, ...resources })).run(patient);
  return findings.map(({ mark }) => mark);
}

describe('the doctor’s look at limits', () => {
  it('finds plenty, also where the system sets no limit', async () => {
    expect(await marks({})).toEqual(['ok', 'ok']);
    expect(await marks({ descriptors: Number.POSITIVE_INFINITY })).toEqual(['ok', 'ok']);
  });

  it.each([
    [255, 'fault'],
    [256, 'warning'],
    [4_095, 'warning'],
    [4_096, 'ok'],
  ])('judges %i descriptors: %s', async (descriptors, mark) => {
    expect((await marks({ descriptors }))[0]).toBe(mark);
  });

  it('counts the memory of all processes, auto workers by cores', async () => {
    const env = { CASTLING_PROXY_WORKERS: 'auto', CASTLING_BACKEND_COUNT: '3' };
    const needed = (60 + 75 + 4 * 170 + 3 * 100) * 2 ** 20;
    expect((await marks({ memory: needed }, { env }))[1]).toBe('ok');
    expect((await marks({ memory: needed - 1 }, { env }))[1]).toBe('fault');
  });

  it('minds what is free only while Castling does not run, since it has taken its part then', async () => {
    const running = { state: 'running', processes: [], ports: [], waiting: [] } as const;
    expect((await marks({ availableMemory: 1 }))[1]).toBe('warning');
    expect((await marks({ availableMemory: 1 }, { running }))[1]).toBe('ok');
  });
});
