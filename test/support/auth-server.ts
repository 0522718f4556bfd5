/** A process that serves accounts over HTTP and reports by IPC what serving them cost it. Started by tests only. */
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import fastify from 'fastify';
import { createAuth, HashQueue } from '../../src/auth/index.ts';
import { createLogger } from '../../src/process/logger.ts';

export interface AuthServerReport {
  readonly rssBytes: number;
  readonly mostRunning: number;
  readonly mostWaiting: number;
  /** Milliseconds, 99th percentile. */
  readonly eventLoopP99: number;
  readonly readFileP99: number;
  /** Milliseconds from request to answer, sorted, of the requests refused with 503. */
  readonly refusedMs: readonly number[];
}

const hashing = { inFlight: 2, waiting: 64 } as const;
const queue = new HashQueue(hashing);
const auth = await createAuth({
  storeUrl: 'sqlite::memory:',
  issuer: 'https://localhost',
  audience: 'castling',
  logger: createLogger({ name: 'auth-server', level: 'silent' }),
  passwords: { cost: { memoryKib: 19_456, passes: 2 }, queue },
  // What bounds guessing would refuse most of the load before it gets to the queue that is under test.
  limits: { guesses: { freeTries: 1e6, triesMost: 1e6, siteTries: 1e6, alarmNames: 1e6 } },
});
const app = fastify();
let report = freshReport();

app.addHook('onResponse', async (_request, reply) => {
  if (reply.statusCode === 503) report.refusedMs.push(reply.elapsedTime);
});
app.get('/live', async () => 'live');
await app.register(auth.routes);
const address = await app.listen({ host: '127.0.0.1', port: 0 });

const loopDelay = monitorEventLoopDelay({ resolution: 5 });
loopDelay.enable();
/** Looks as often as the loop turns over a timer; peaks of the queue last far longer. */
setInterval(() => {
  report.mostRunning = Math.max(report.mostRunning, queue.running);
  report.mostWaiting = Math.max(report.mostWaiting, queue.waiting);
  report.rssBytes = Math.max(report.rssBytes, process.memoryUsage.rss());
}, 2);
void readForever();

process.on('message', (message) => {
  if (message === 'reset') {
    report = freshReport();
    loopDelay.reset();
    process.send?.({ type: 'reset' });
  }
  if (message === 'report') process.send?.({ type: 'report', report: finished() });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', address });

function freshReport() {
  return {
    rssBytes: process.memoryUsage.rss(),
    mostRunning: 0,
    mostWaiting: 0,
    refusedMs: [] as number[],
    readFileMs: [] as number[],
  };
}

/** Files go through the same four threads of libuv as hashes; starved, a read would wait for a hash to end. */
async function readForever(): Promise<void> {
  for (;;) {
    const start = performance.now();
    await readFile(import.meta.filename);
    report.readFileMs.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function finished(): AuthServerReport {
  const { readFileMs, refusedMs, ...rest } = report;
  return {
    ...rest,
    refusedMs: refusedMs.toSorted((one, other) => one - other),
    eventLoopP99: loopDelay.percentile(99) / 1e6 - 5,
    readFileP99: readFileMs.toSorted((one, other) => one - other)[Math.floor(readFileMs.length * 0.99)] ?? 0,
  };
}
