import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commonPasswordSamples } from '../support/common-password-samples.ts';
import { trust } from '../support/player.ts';
import { SessionProxies } from '../support/session-proxies.ts';

let proxies: SessionProxies;

beforeAll(async () => {
  proxies = await SessionProxies.start({ count: 1 });
  trust({ ca: proxies.certificates.path('ca.pem') });
});
afterAll(async () => {
  await proxies[Symbol.asyncDispose]();
});

async function post(path: string, body: object | string) {
  const answer = await fetch(`${proxies.urls[0]}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { code, rule } = (await answer.json()) as { code?: string; rule?: string };
  return { status: answer.status, code, rule };
}
const register = async (name: string, password: string) => await post('/auth/register', { name, password });

describe('D5 the password policy of a running proxy', () => {
  it('refuses seven characters, and takes eight, sixty-four and a hundred and twenty-eight', async () => {
    expect(await register('length7', 'qzkvwxj')).toMatchObject({ status: 400, rule: 'password.length' });
    for (const length of [8, 64, 128]) {
      const password = 'qzkvwxjy'.repeat(length / 8);
      expect(await register(`length${length}`, password)).toMatchObject({ status: 201 });
      expect(await post('/auth/login', { name: `length${length}`, password })).toMatchObject({ status: 200 });
    }
  });

  it('refuses a megabyte before it reads it, let alone hashes it', async () => {
    const start = performance.now();
    expect(await register('length1m', 'q'.repeat(1_048_576))).toMatchObject({ status: 413 });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('tells passwords apart that are alike for their first 72 bytes', async () => {
    const start = 'correct horse battery staple correct horse battery staple correct horses';
    expect(Buffer.byteLength(start)).toBe(72);
    await register('truncated', `${start}-one-end`);
    expect(await post('/auth/login', { name: 'truncated', password: `${start}-another` })).toMatchObject({
      code: 'credentials_wrong',
    });
    expect(await post('/auth/login', { name: 'truncated', password: `${start}-one-end` })).toMatchObject({
      status: 200,
    });
  });

  it.each([
    ['spaces', '        q        '],
    ['emoji', '\u{1F40E}\u{1F50B}\u{1F4CE}\u{1F40E}\u{1F50B}\u{1F4CE}\u{1F40E}\u{1F50B}'],
    ['small letters', 'qzkvwxjyqzkv'],
    ['digits', '902837465019'],
    ['signs', '%&/(=?!)$%&/'],
  ])('asks for no kind of character: %s alone will do', async (what, password) => {
    const name = `only-${what.replace(' ', '-')}`;
    expect(await register(name, password)).toMatchObject({ status: 201 });
    expect(await post('/auth/login', { name, password })).toMatchObject({ status: 200 });
  });
});

describe('D6 common and context passwords at a running proxy', () => {
  it('are refused with the reason, two hundred of them, without a connection to anywhere', async () => {
    const trace = proxies.certificates.path('connects.txt');
    const tracer = await traceConnects(proxies.pidsOf(0), trace);
    const samples = commonPasswordSamples(200);
    const answers = [];
    for (const password of samples) answers.push(await register('common-test', password));
    answers.push(await register('common-test', 'castling1'), await register('common-test', 'Common-Test-42'));
    // The proxy looks for its backend again and again, at the address that it was given: so the tracer is known to have looked.
    await vi.waitUntil(() => /connect\(.*htons\(1\)/.test(readFileSync(trace, 'utf8')), { timeout: 30_000 });
    tracer.kill('SIGINT');
    await once(tracer, 'exit');
    expect(answers.slice(0, 200).filter(({ rule }) => rule !== 'password.common')).toEqual([]);
    expect(answers.slice(200).map(({ rule }) => rule)).toEqual(['password.context', 'password.context']);
    const connects = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line.includes('connect('));
    const toBackend = connects.filter((line) => line.includes('htons(1)'));
    const elsewhere = connects.filter((line) => /AF_INET/.test(line) && !toBackend.includes(line));
    expect(elsewhere).toEqual([]);
  });
});

async function traceConnects(pids: readonly number[], output: string): Promise<ChildProcess> {
  const tracer = spawn(
    'strace',
    ['-f', '-e', 'trace=connect', '-o', output, ...pids.flatMap((pid) => ['-p', String(pid)])],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  // Read to the end: a tracer that cannot say of another thread that it is attached dies, and leaves the proxy stopped.
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      if ([...said.matchAll(/attached/g)].length >= pids.length) resolve();
    });
    tracer.once('error', reject);
    tracer.once('exit', (code) => reject(new Error(`strace ended with ${code}: ${said}`)));
  });
  return tracer;
}
