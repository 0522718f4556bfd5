import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ControlAnswer } from '../../../../src/process/control/index.ts';
import { createLogger } from '../../../../src/process/logger.ts';
import { DrainedUpstreams } from '../../../../src/proxy/primary/drained-upstreams.ts';
import type { UpstreamName } from '../../../../src/proxy/routes/route-control.ts';

const one = { route: 'chess', upstream: '127.0.0.1:5050' };
const other = { route: 'chess', upstream: '127.0.0.1:5051' };

let folder: string;
let path: string;
let log: string;
let told: (readonly UpstreamName[])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-drained-'));
  path = join(folder, 'drained-upstreams.json');
  log = '';
  told = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = async () =>
  await DrainedUpstreams.load({
    path,
    logger: createLogger({
      name: 'test',
      level: 'info',
      destination: {
        write: (line: string) => {
          log += line;
        },
      },
      pretty: false,
    }),
    onChange: (drained) => told.push(drained),
  });

/** What two workers answer, one after the other. */
async function answer(drained: DrainedUpstreams, ...answers: readonly object[]): Promise<object[]> {
  const respond = async function* () {
    for (const value of answers) yield value as ControlAnswer;
  };
  const request = { query: {}, body: undefined, signal: new AbortController().signal };
  const passed: object[] = [];
  for await (const each of drained.noting(respond)(request)) passed.push(each);
  return passed;
}

const says = (name: UpstreamName, draining: boolean) => ({ from: 'worker 1', value: { ...name, draining } });

describe('drained upstreams', () => {
  it('are remembered from what workers report, by this process and the next', async () => {
    const drained = await load();
    expect(await answer(drained, says(one, true), says(one, true))).toHaveLength(2);
    await answer(drained, says(other, true));
    expect(told).toEqual([[one], [one, other]]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await load()).all).toEqual([one, other]);
    await answer(drained, says(one, false));
    expect((await load()).all).toEqual([other]);
  });

  it('are those that a worker has agreed to: a refusal drains nothing, and is passed on', async () => {
    const drained = await load();
    const refusal = { from: 'worker 1', error: { code: 'usage', message: 'There is no upstream x.' } };
    expect(await answer(drained, refusal)).toEqual([refusal]);
    expect([drained.all, told]).toEqual([[], []]);
  });

  it('are forgotten when the settings no longer list them', async () => {
    const drained = await load();
    await answer(drained, says(one, true), says(other, true));
    await drained.keepOnly([other, { route: 'go', upstream: one.upstream }]);
    expect(drained.all).toEqual([other]);
    expect(told.at(-1)).toEqual([other]);
    await drained.keepOnly([other, one]);
    expect((await load()).all).toEqual([other]);
  });

  it.each(['', '{', '{}', '[1]', '[{"route": "a"}]', `[${'{},'.repeat(5_000)}{}]`])(
    'are none, and the log says so, when the file holds %j',
    async (text) => {
      writeFileSync(path, text);
      expect((await load()).all).toEqual([]);
      expect(log).toContain('cannot be read');
    },
  );

  it('are drained all the same when the file cannot be written, and the log says what follows', async () => {
    const drained = await load();
    rmSync(folder, { recursive: true });
    await answer(drained, says(one, true));
    expect(drained.all).toEqual([one]);
    expect(log).toContain('will be forgotten by a restart');
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});
