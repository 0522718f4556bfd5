import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type RunningCastling, startCastling } from '../support/castling.ts';
import { HttpUpstreamFixture } from '../support/http-upstream.ts';

interface Answer {
  readonly status: number;
  readonly cacheStatus: string;
  readonly body: string;
}

function ask({ port, ca }: RunningCastling, path: string, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', port, path, method, ca: readFileSync(ca), agent: false } as const;
    const asked = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => {
        const cacheStatus = String(response.headers['cache-status'] ?? '');
        resolve({ status: response.statusCode ?? 0, cacheStatus, body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

function castling(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const bin = new URL('../../scripts/castling.js', import.meta.url).pathname;
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

function settingsFor(port: number, changes = ''): string {
  return `routes:
  - name: app
    kind: http
    path: /app/
    signIn: public
    upstreams: [{ address: 127.0.0.1:${port} }]
    cache: { store: sqlite }
    ${changes}
`;
}

it('http routes come from the settings, change live, and forget what they kept by command', async () => {
  let count = 0;
  await using upstream = await HttpUpstreamFixture.start((_request, response) => {
    count += 1;
    response.writeHead(200, { 'cache-control': 'max-age=600' }).end(`answer ${count}`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
  const file = join(folder, 'castling.yaml');
  writeFileSync(file, settingsFor(upstream.port));
  try {
    await using running = await startCastling({ args: ['--settings', file] });
    const data = join(running.folder, 'data');
    expect(await ask(running, '/app/x')).toMatchObject({ status: 200, body: 'answer 1' });
    expect(await ask(running, '/app/x')).toMatchObject({
      body: 'answer 1',
      cacheStatus: expect.stringMatching(/^castling; hit; ttl=/),
    });

    const purged = await castling('cache', 'purge', 'app', '/x', '--data', data);
    expect(purged).toMatchObject({ code: 0, stdout: '1 kept answer forgotten.\n' });
    expect((await ask(running, '/app/x')).body).toBe('answer 2');
    const unknown = await castling('cache', 'purge', 'nowhere', '--data', data);
    expect(unknown.stderr).toMatch(/There is no http route “nowhere” that keeps answers/);
    expect(unknown.code).not.toBe(0);

    writeFileSync(file, settingsFor(upstream.port).replace('public', 'required'));
    while ((await ask(running, '/app/x')).status !== 401) await new Promise((next) => setTimeout(next, 50));
    writeFileSync(file, 'routes: []\n');
    while ((await ask(running, '/app/x')).status !== 404) await new Promise((next) => setTimeout(next, 50));
    const refused = join(folder, 'refused.yaml');
    writeFileSync(refused, settingsFor(upstream.port, 'requestFields: [x-forwarded-for]'));
    const check = await castling('config', 'check', refused);
    expect(`${check.stdout}${check.stderr}`).toMatch(/cannot pass x-forwarded-for on/);
    expect(check.code).not.toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Settings with which one address may make as many connections as this test likes. */
const plenty = `limits:
  address:
    handshakes: { base: { perSecond: 10000, burst: 10000 } }
    requests: { base: { perSecond: 10000, burst: 10000 } }
`;

it('what a request changes is forgotten by every worker', async () => {
  let count = 0;
  await using upstream = await HttpUpstreamFixture.start(({ method }, response) => {
    if (method === 'GET') count += 1;
    response.writeHead(200, { 'cache-control': 'max-age=600' }).end(`answer ${count}`);
  });
  const folder = mkdtempSync(join(tmpdir(), 'castling-test-'));
  const file = join(folder, 'castling.yaml');
  writeFileSync(
    file,
    `${settingsFor(upstream.port).replace('sqlite', 'memory')}\nproxy: { workers: 2 }\n${plenty}`,
  );
  try {
    await using running = await startCastling({ args: ['--settings', file] });
    // Each request comes on a connection of its own; both workers have taken one when the upstream was asked twice. One worker alone
    // would take all that come one after the other.
    while (count < 2) await Promise.all(Array.from({ length: 10 }, () => ask(running, '/app/x')));
    await ask(running, '/app/x', 'POST');
    const before = ['answer 1', 'answer 2'];
    for (let isOld = true; isOld; ) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(running, '/app/x')));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      isOld = answers.some(({ body }) => before.includes(body));
    }
    expect(count).toBeGreaterThan(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
