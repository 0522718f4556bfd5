import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ClockOptions, clockCheck } from '../../../../src/doctor/checks/clock.ts';
import { makePatient, said } from '../../../support/doctor-patient.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const still: ClockOptions = { monotonic: () => 0, pause: async () => {} };
const clockFrom = new URL('https://time.example');

async function compared(theirs: number | 'no answer') {
  using patient = await makePatient({ now: () => noon, clockFrom });
  const ask = async () => {
    if (theirs === 'no answer') throw new Error('gone');
    return { time: theirs, tookMs: 200 };
  };
  return said(await clockCheck({ ...still, ask }).run(patient));
}

describe('the doctor’s look at the clock', () => {
  it('claims nothing that it cannot know', async () => {
    using patient = await makePatient({ now: () => noon });
    expect(said(await clockCheck(still).run(patient))).toEqual([
      expect.stringMatching(/^note: .*nothing here says whether it is right/),
    ]);
  });

  it.each([
    [100, 'ok'],
    [-6_000, 'ok'],
    [10_000, 'warning'],
    [-61_000, 'warning'],
    [63_000, 'fault'],
    [-3_600_000, 'fault'],
  ])('judges a server that is %i ms ahead: %s', async (ahead, mark) => {
    expect(await compared(noon + ahead)).toEqual([expect.stringMatching(new RegExp(`^${mark}: `))]);
  });

  it('says so when the server says nothing', async () => {
    expect(await compared('no answer')).toEqual(['warning: time.example did not say what time it is.']);
  });

  it('notices a clock that is set while it looks', async () => {
    let time = noon;
    using patient = await makePatient({ now: () => time });
    const pause = async () => {
      time += 5_000;
    };
    expect(said(await clockCheck({ ...still, pause }).run(patient))[0]).toBe(
      'warning: The clock was set by 5000 ms while the doctor looked.',
    );
  });

  it('notices files that are younger than now', async () => {
    using patient = await makePatient({ now: () => noon });
    const file = join(patient.settings.data, 'game.db');
    writeFileSync(file, '');
    utimesSync(file, noon / 1000, noon / 1000 + 59);
    expect(said(await clockCheck(still).run(patient))[0]).toMatch(/^note/);
    utimesSync(file, noon / 1000, noon / 1000 + 3_600);
    expect(said(await clockCheck(still).run(patient))[0]).toContain('was written 3600 s from now');
  });
});
