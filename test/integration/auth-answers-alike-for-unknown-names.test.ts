import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../src/auth/migrations.ts';
import type { AuthSchema } from '../../src/auth/schema.ts';
import { openStore } from '../../src/store/index.ts';
import { type RunningAuth, startAuth } from '../support/auth-fixture.ts';
import { mannWhitneyP } from '../support/mann-whitney.ts';

const samples = 200;
const password = 'correct horse';
const cases = {
  wrong: { name: 'anna', password: 'not her password' },
  unknown: { name: 'nobody', password },
  disabled: { name: 'bert', password },
} as const;
type Case = keyof typeof cases;
const kinds = Object.keys(cases) as Case[];

const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
let running: RunningAuth;

beforeAll(async () => {
  const storeUrl = `sqlite:${join(folder, 'auth.sqlite')}`;
  const unlimited = { freeTries: 1e6, triesMost: 1e6, siteTries: 1e6 };
  const passwords = { cost: { memoryKib: 8192, passes: 2 } };
  running = await startAuth({ storeUrl, passwords, limits: { guesses: unlimited } });
  for (const name of ['anna', 'bert']) await running.post('/auth/register', { name, password });
  const store = await openStore<AuthSchema>({ url: storeUrl, migrations });
  await store.db.updateTable('accounts').set({ disabled_at: 1 }).where('name', '=', 'bert').execute();
  await store.close();
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function measure(): Promise<Record<Case, number[]>> {
  const times: Record<Case, number[]> = { wrong: [], unknown: [], disabled: [] };
  for (let sample = 0; sample < samples; sample += 1) {
    // Each takes every place in turn, so that none always comes after the same other.
    for (let place = 0; place < kinds.length; place += 1) {
      const kind = kinds[(sample + place) % kinds.length]!;
      const start = performance.now();
      await running.post('/auth/login', cases[kind]);
      times[kind].push(performance.now() - start);
    }
  }
  return times;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

function looksAlike(times: Record<Case, number[]>): boolean {
  return (['unknown', 'disabled'] as const).every((kind) => {
    const ratio = median(times[kind]) / median(times.wrong);
    return Math.abs(ratio - 1) < 0.05 && mannWhitneyP(times[kind], times.wrong) > 0.01;
  });
}

describe('D3 a wrong password, an unknown name and a disabled account', () => {
  it('get the same status, body and headers, as does somebody who has no password', async () => {
    const guest = (await running.post('/auth/guest', {})).json();
    const answers = await Promise.all(
      [...kinds.map((kind) => cases[kind]), { name: guest.name, password }].map(async (credentials) => {
        const { statusCode, headers, body } = await running.post('/auth/login', credentials);
        const { requestId: _, ...problem } = JSON.parse(body);
        const { date: __, 'content-length': ___, ...rest } = headers;
        return { statusCode, problem, rest };
      }),
    );
    expect(answers[0]).toMatchObject({ statusCode: 401, problem: { code: 'credentials_wrong' } });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(answers[3]).toEqual(answers[0]);
  });

  it('take the same time', async () => {
    expect((await running.post('/auth/login', { name: 'anna', password })).statusCode).toBe(200);
    await measure();
    // One test in a hundred finds a difference where there is none; a real one is found every time.
    let times = await measure();
    for (let attempt = 1; attempt < 4 && !looksAlike(times); attempt += 1) times = await measure();
    expect(looksAlike(times)).toBe(true);
    // The test has teeth: were a tenth of the work missing for one of them, it would say so, however much noise there is.
    expect(looksAlike({ ...times, unknown: times.wrong.map((time) => time * 0.9) })).toBe(false);
  });
});
