/**
 * What a relayed request costs: requests and bytes per CPU second of the relaying processes, the latency that they add, and an
 * answer from the cache, for `http` routes beside HAProxy and nginx from Debian (one process and one thread each), measured in turn
 * in one run. TLS 1.3 towards clients, plain HTTP over kept connections towards an nginx that serves files.
 *
 *   node test/bench/http-relay.ts [--rounds 3] [--seconds 4] [--json FILE]
 *
 * Castling's CPU is that of its primary and its worker. Castling and nginx write a line of log for each request, HAProxy none.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Dispatcher, Pool } from 'undici';
import { AccountHttp } from '../../src/client/account-http.ts';
import { AuthClient } from '../../src/client/auth-client.ts';
import { startCastling } from '../support/castling.ts';
import { cpuMicrosecondsOf } from '../support/cpu-time.ts';
import { freePorts } from '../support/free-ports.ts';
import { startFileServer, startHaproxyRelay, startNginxRelay } from '../support/other-relays.ts';
import { trust } from '../support/player.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Subject {
  readonly name: string;
  readonly origin: string;
  readonly path: string;
  readonly token?: string;
  readonly pids: readonly number[];
}

interface Workload {
  readonly name: string;
  /** Requests under way at once, each on a connection of its own. */
  readonly connections: number;
  /** Milliseconds between the requests of a connection; 0: the next follows at once. */
  readonly paceMs: number;
  readonly file: string;
  readonly subjects: readonly Subject[];
}

interface Sample {
  readonly requests: number;
  readonly bytes: number;
  readonly cpuMicroseconds: number;
  /** Milliseconds, sorted. */
  readonly latencies: readonly number[];
}

/** One request; gives the bytes of its body. */
function ask(
  pool: Dispatcher,
  { path, token }: { readonly path: string; readonly token?: string | undefined },
): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    pool.dispatch(
      { path, method: 'GET', headers },
      {
        onRequestStart: () => {},
        onResponseStart(_controller, status) {
          if (status !== 200) reject(new Error(`${path} was answered with ${status}`));
        },
        onResponseData(_controller, chunk) {
          bytes += chunk.length;
        },
        onResponseEnd: () => resolve(bytes),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

async function sample(subject: Subject, workload: Workload, forMs: number): Promise<Sample> {
  const { connections, paceMs, file } = workload;
  const pool = new Pool(subject.origin, { connections, pipelining: 1, connect: { ca } });
  const target = { path: `${subject.path}${file}`, token: subject.token };
  for (let count = 0; count < connections; count += 1) await ask(pool, target);
  const cpu = () => subject.pids.reduce((sum, pid) => sum + cpuMicrosecondsOf(pid), 0);
  const latencies: number[] = [];
  let bytes = 0;
  const before = cpu();
  const end = performance.now() + forMs;
  const oneAfterAnother = async () => {
    while (performance.now() < end) {
      const started = performance.now();
      const length = await ask(pool, target);
      bytes += length;
      latencies.push(performance.now() - started);
      if (paceMs > 0) await sleep(paceMs);
    }
  };
  await Promise.all(Array.from({ length: connections }, oneAfterAnother));
  const cpuMicroseconds = cpu() - before;
  await pool.close();
  return { requests: latencies.length, bytes, cpuMicroseconds, latencies: latencies.sort((a, b) => a - b) };
}

const median = (numbers: readonly number[]) =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const quantile = (sorted: readonly number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'castling-bench-'));
const [filesPort = 0, nginxPort = 0, haproxyPort = 0] = await freePorts(3);
for (const part of ['relayed', 'signed', 'kept']) {
  mkdirSync(join(folder, 'www', part), { recursive: true });
  writeFileSync(join(folder, 'www', part, 'small'), 'x'.repeat(1024));
  writeFileSync(join(folder, 'www', part, 'large'), 'x'.repeat(1024 * 1024));
}
const route = (name: string, more: string) => `
  - name: ${name}
    kind: http
    path: /${name}/
    upstreamPath: /${name}/
    upstreams: [{ address: 127.0.0.1:${filesPort} }]
    ${more}`;
const settings = join(folder, 'castling.yaml');
writeFileSync(
  settings,
  `limits: { address: { requests: { base: { perSecond: 100000, burst: 1000000 } } } }
routes:${route('relayed', 'signIn: public')}${route('signed', 'tellName: true')}${route('kept', 'signIn: public\n    cache: { store: memory }')}
`,
);
const files = await startFileServer({ folder, port: filesPort, root: join(folder, 'www') });
const castling = await startCastling({ args: ['--settings', settings] });
const ca = readFileSync(castling.ca);
trust(castling);
const { accessToken } = await new AuthClient(new AccountHttp({ origin: castling.url })).register({
  name: 'bench',
  password: 'correct horse battery',
});
const pem = (name: string) => join(castling.folder, 'certs', name);
const place = {
  folder,
  certificate: pem('proxy.pem'),
  key: pem('proxy-key.pem'),
  upstreamPort: filesPort,
};
const nginx = await startNginxRelay({ ...place, port: nginxPort });
const haproxy = await startHaproxyRelay({ ...place, port: haproxyPort });

const castlingPids = [castling.pidOf('proxy'), castling.pidOf('worker')];
const byCastling = { name: 'castling', origin: castling.url, path: '/relayed/', pids: castlingPids };
const signedIn = { ...byCastling, name: 'castling, signed in', path: '/signed/', token: accessToken };
const byNginx = {
  name: 'nginx',
  origin: `https://localhost:${nginxPort}`,
  path: '/relayed/',
  pids: nginx.pids,
};
const byHaproxy = {
  name: 'haproxy',
  origin: `https://localhost:${haproxyPort}`,
  path: '/relayed/',
  pids: haproxy.pids,
};
const direct = {
  name: 'no relay',
  origin: `http://127.0.0.1:${filesPort}`,
  path: '/relayed/',
  pids: files.pids,
};
const relays = [byCastling, signedIn, byNginx, byHaproxy];
const kept = [byCastling, byNginx].map((subject) => ({ ...subject, path: '/kept/' }));
const workloads: readonly Workload[] = [
  { name: '1 KiB', connections: 16, paceMs: 0, file: 'small', subjects: relays },
  { name: '1 MiB', connections: 4, paceMs: 0, file: 'large', subjects: relays },
  { name: 'latency, 1 KiB', connections: 1, paceMs: 2, file: 'small', subjects: [direct, ...relays] },
  { name: 'kept, 1 KiB', connections: 16, paceMs: 0, file: 'small', subjects: kept },
];

const results: object[] = [];
try {
  for (const workload of workloads) {
    const samples = new Map(workload.subjects.map((subject) => [subject, [] as Sample[]]));
    for (const subject of workload.subjects) await sample(subject, workload, 1_000);
    for (let round = 1; round <= rounds; round += 1) {
      for (const [subject, list] of samples) {
        process.stderr.write(`${workload.name}, round ${round} of ${rounds}: ${subject.name}\n`);
        list.push(await sample(subject, workload, seconds * 1_000));
      }
    }
    for (const [{ name }, list] of samples) results.push(report(workload.name, name, list));
  }
} finally {
  await castling[Symbol.asyncDispose]();
  for (const relay of [nginx, haproxy, files]) await relay.stop();
  rmSync(folder, { recursive: true });
}
if (values.json !== undefined) {
  // Both say their version on standard error or output, by their own lights.
  const version = (program: string) => {
    const { stdout, stderr } = spawnSync(program, ['-v'], { encoding: 'utf8' });
    return `${stdout}${stderr}`.split('\n')[0];
  };
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    node: process.version,
    nginx: version('nginx'),
    haproxy: version('haproxy'),
  };
  const text = JSON.stringify({ bench: 'http-relay', rounds, seconds, results, machine }, undefined, 2);
  writeFileSync(values.json, `${text}\n`);
}

function report(workload: string, name: string, samples: readonly Sample[]): object {
  const perCpuSecond = (what: (sample: Sample) => number) =>
    samples.map((each) => (what(each) / each.cpuMicroseconds) * 1e6);
  const requests = perCpuSecond((each) => each.requests);
  const result = {
    workload,
    name,
    requestsPerCpuSecond: median(requests),
    spread: [Math.min(...requests), Math.max(...requests)],
    mebibytesPerCpuSecond: median(perCpuSecond((each) => each.bytes / 1024 / 1024)),
    p50Ms: median(samples.map(({ latencies }) => quantile(latencies, 0.5))),
    p99Ms: median(samples.map(({ latencies }) => quantile(latencies, 0.99))),
  };
  process.stdout.write(
    `${workload.padEnd(15)} ${name.padEnd(20)} ${result.requestsPerCpuSecond.toFixed(0)} requests a CPU second (${result.spread
      .map((each) => each.toFixed(0))
      .join(' to ')}), ${result.mebibytesPerCpuSecond.toFixed(1)} MiB a CPU second, ` +
      `p50 ${result.p50Ms.toFixed(2)} ms, p99 ${result.p99Ms.toFixed(2)} ms\n`,
  );
  return result;
}
