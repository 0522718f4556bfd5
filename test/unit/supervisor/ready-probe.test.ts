import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askAdmin, untilReady } from '../../../src/supervisor/ready-probe.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('untilReady', () => {
  it('asks again until the answer is yes', async () => {
    const timers = new ManualTimers();
    const answers = [false, false, true];
    let asked = 0;
    const ask = () => Promise.resolve(answers[asked++] ?? true);
    const ready = untilReady(ask, { timers, signal: new AbortController().signal });
    for (let round = 0; round < 3; round += 1) {
      await settled();
      timers.advance(100);
    }
    expect(await ready).toBe(true);
    expect(asked).toBe(3);
  });

  it('gives up when told to, while it waits and while it asks', async () => {
    const timers = new ManualTimers();
    const waiting = new AbortController();
    const first = untilReady(() => Promise.resolve(false), { timers, signal: waiting.signal });
    await settled();
    waiting.abort();
    expect(await first).toBe(false);
    expect(timers.waiting).toBe(0);

    const asking = new AbortController();
    const answer = Promise.withResolvers<boolean>();
    const second = untilReady(() => answer.promise, { timers, signal: asking.signal });
    asking.abort();
    answer.resolve(true);
    expect(await second).toBe(false);
  });
});

describe('askAdmin', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function serve(status: number): Promise<number> {
    server = createServer((request, response) =>
      response.writeHead(request.url === '/ready' ? status : 404).end(),
    );
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('takes 200 for a yes, and nothing else', async () => {
    expect(await askAdmin(await serve(200))()).toBe(true);
    server?.close();
    expect(await askAdmin(await serve(503))()).toBe(false);
  });

  it('takes a closed port for a no', async () => {
    const port = await serve(200);
    await new Promise((resolve) => server?.close(resolve));
    expect(await askAdmin(port)()).toBe(false);
  });
});
