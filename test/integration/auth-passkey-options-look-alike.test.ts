import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningAuth, startAuth } from '../support/auth-fixture.ts';
import { mannWhitneyP } from '../support/mann-whitney.ts';
import { SoftwareAuthenticator } from '../support/software-authenticator.ts';

const samples = 200;
const password = 'correct horse';
const names = { passkeys: 'anna', none: 'bert', unknown: 'nobody' } as const;
type Case = keyof typeof names;
const kinds = Object.keys(names) as Case[];

const folder = mkdtempSync(join(tmpdir(), 'castling-auth-'));
let running: RunningAuth;

beforeAll(async () => {
  running = await startAuth({ storeUrl: `sqlite:${join(folder, 'auth.sqlite')}` });
  const anna = (await running.post('/auth/register', { name: 'anna', password })).json();
  await running.post('/auth/register', { name: 'bert', password });
  for (const idBytes of [16, 32, 64]) {
    const token = anna.access_token;
    const options = await running.post('/auth/passkeys/options', { current_password: password }, token);
    const passkey = new SoftwareAuthenticator({ idBytes }).create(options.json());
    const added = await running.post('/auth/passkeys', { name: 'key', passkey }, token);
    expect(added.statusCode).toBe(201);
  }
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

const ask = async (kind: Case) => await running.post('/auth/login/passkey/options', { name: names[kind] });

async function measure(): Promise<Record<Case, number[]>> {
  const times: Record<Case, number[]> = { passkeys: [], none: [], unknown: [] };
  for (let sample = 0; sample < samples; sample += 1) {
    // Each takes every place in turn, so that none always comes after the same other.
    for (let place = 0; place < kinds.length; place += 1) {
      const kind = kinds[(sample + place) % kinds.length]!;
      const start = performance.now();
      await ask(kind);
      times[kind].push(performance.now() - start);
    }
  }
  return times;
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

function looksAlike(times: Record<Case, number[]>): boolean {
  return (['none', 'unknown'] as const).every((kind) => {
    const ratio = median(times[kind]) / median(times.passkeys);
    return Math.abs(ratio - 1) < 0.05 && mannWhitneyP(times[kind], times.passkeys) > 0.01;
  });
}

describe('D3 a name with passkeys, one without, and one that nobody has', () => {
  it('get the same status, headers and shape', async () => {
    const shapes = await Promise.all(
      kinds.map(async (kind) => {
        const { statusCode, headers, body } = await ask(kind);
        const { date: _, 'content-length': __, ...rest } = headers;
        const { challenge, allowCredentials, ...options } = JSON.parse(body);
        return { statusCode, rest, options, sizes: [challenge.length, allowCredentials.length] };
      }),
    );
    expect(shapes[0]).toMatchObject({ statusCode: 200, sizes: [43, 10] });
    expect(shapes[1]).toEqual(shapes[0]);
    expect(shapes[2]).toEqual(shapes[0]);
  });

  it('take the same time', async () => {
    await measure();
    let times = await measure();
    for (let attempt = 1; attempt < 6 && !looksAlike(times); attempt += 1) times = await measure();
    expect(looksAlike(times)).toBe(true);
    // The test has teeth: were a tenth of the work missing for one of them, it would say so.
    expect(looksAlike({ ...times, unknown: times.passkeys.map((time) => time * 0.9) })).toBe(false);
  });
});
