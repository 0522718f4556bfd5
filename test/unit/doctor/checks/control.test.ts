import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlCheck } from '../../../../src/doctor/checks/control.ts';
import type { RunningCastling } from '../../../../src/doctor/running-castling.ts';
import { makePatient, said } from '../../../support/doctor-patient.ts';

async function look(running: RunningCastling) {
  using patient = await makePatient({ running });
  return said(await controlCheck.run(patient));
}

const running = { state: 'running', ports: [], waiting: [] } as const;
const proxy = { process: 'worker 1', pid: 7, reasons: [] };

describe('the doctor’s look at the control socket', () => {
  it('is content when nothing runs, and knows what a killed one left', async () => {
    expect(await look({ state: 'none' })).toEqual(['note: No Castling runs with this data folder.']);
    using patient = await makePatient();
    writeFileSync(join(patient.settings.data, 'control.sock'), '');
    expect(said(await controlCheck.run(patient))[0]).toContain('has left its control socket');
  });

  it('finds one that runs, and why one is not ready', async () => {
    expect(await look({ ...running, processes: [proxy] })).toEqual([
      'ok: Castling runs here with 1 proxy process, and is ready.',
    ]);
    const late = { ...proxy, reasons: ['the game backend cannot be reached'] };
    expect(await look({ ...running, processes: [proxy, late] })).toEqual([
      'fault: The worker 1 is not ready: the game backend cannot be reached.',
    ]);
  });

  it('names settings that wait for a restart, and one that gives no answer', async () => {
    expect(await look({ ...running, processes: [proxy], waiting: ['proxy.port'] })).toEqual([
      'warning: What was changed of proxy.port does not count yet.',
    ]);
    expect((await look({ state: 'silent', why: 'it gave no answer.' }))[0]).toContain('fault: A Castling');
  });
});
