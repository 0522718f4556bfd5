import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { foldersCheck } from '../../../../src/doctor/checks/folders.ts';
import { makePatient, said } from '../../../support/doctor-patient.ts';

const mebibyte = 2 ** 20;

describe('the doctor’s look at the data folder', () => {
  it('finds one that is this account’s, closed, with space', async () => {
    using patient = await makePatient();
    const findings = await foldersCheck({ freeBytes: async () => 2 ** 40 }).run(patient);
    expect(said(findings)).toEqual([expect.stringMatching(/^ok: .*data is this account’s/)]);
  });

  it('says that the first start makes one that is not there, and minds a file in its place', async () => {
    using patient = await makePatient();
    const { data } = patient.settings;
    rmSync(data, { recursive: true });
    expect(said(await foldersCheck().run(patient))).toEqual([
      expect.stringMatching(/^note: .*not there yet/),
    ]);
    writeFileSync(data, '');
    expect(said(await foldersCheck().run(patient))).toEqual([`fault: ${data} is no folder.`]);
  });

  it.each([
    [0o755, 'warning', 'may see what files'],
    [0o777, 'fault', 'may put files into'],
    [0o720, 'fault', 'may put files into'],
  ])('judges mode %o: %s', async (mode, mark, text) => {
    using patient = await makePatient();
    chmodSync(patient.settings.data, mode);
    const [finding] = await foldersCheck({ freeBytes: async () => 2 ** 40 }).run(patient);
    expect(finding).toMatchObject({ mark, says: expect.stringContaining(text) });
    expect(finding?.remedy).toBe(`Run: chmod 700 ${patient.settings.data}`);
  });

  it.each([
    [15 * mebibyte, 'fault'],
    [16 * mebibyte, 'warning'],
    [511 * mebibyte, 'warning'],
    [512 * mebibyte, 'ok'],
  ])('judges %i free bytes: %s', async (free, mark) => {
    using patient = await makePatient();
    const [finding] = await foldersCheck({ freeBytes: async () => free }).run(patient);
    expect(finding?.mark).toBe(mark);
  });

  it('says so when the folder is another account’s', async () => {
    using patient = await makePatient();
    const [finding] = await foldersCheck({ account: 65_533 }).run(patient);
    expect(finding).toMatchObject({ mark: 'warning', says: expect.stringContaining('another account') });
  });
});
