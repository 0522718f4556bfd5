/**
 * What tracing costs for one request in the proxy: nanoseconds, in one thread, off, on but not this one, and traced.
 *
 *   node test/bench/trace-cost.ts [--requests 2000000] [--rounds 5]
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { createLogger } from '../../src/process/logger.ts';
import { LiveTracer } from '../../src/process/traces/live-tracer.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '2000000' }, rounds: { type: 'string', default: '5' } },
});

const server = createServer((request, response) => {
  request.resume().once('end', () => response.end('{}'));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;

const kinds = [
  { name: 'off', settings: { sampleRatio: 1 }, part: 1 },
  { name: 'on, not this one', settings: { endpoint, sampleRatio: 1e-12 }, part: 1 },
  { name: 'traced', settings: { endpoint, sampleRatio: 1 }, part: 100 },
];
const logger = createLogger({ name: 'bench', level: 'silent' });

/** The calls that the pipeline makes for a request that a backend answers. */
function request(tracer: LiveTracer): number {
  const trace = tracer.begin('receive');
  if (trace !== undefined) {
    trace.name('match.move');
    trace.describe({ player: 'y_0' });
  }
  trace?.stage('policy');
  trace?.describe({ match: 'm_0', request: 'r_0' });
  trace?.stage('link');
  const sent = trace?.traceparent;
  trace?.stage('answer');
  trace?.end();
  return sent === undefined ? 0 : 1;
}

for (const { name, settings, part } of kinds) {
  const count = Number(values.requests) / part;
  const tracer = new LiveTracer({ service: 'bench', version: '0', logger, random: Math.random });
  tracer.apply(settings, await tracer.prepare(settings));
  const rounds: number[] = [];
  let traced = 0;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < count; index += 1) traced += request(tracer);
    rounds.push(Number(process.hrtime.bigint() - start) / count);
  }
  await tracer.close();
  const [least = 0, middle = 0] = [Math.min(...rounds), rounds.sort((a, b) => a - b)[rounds.length >> 1]];
  process.stdout.write(
    `${name.padEnd(18)} median ${middle.toFixed(1)} ns, least ${least.toFixed(1)} ns (${traced} traced)\n`,
  );
}
server.close();
server.closeAllConnections();
