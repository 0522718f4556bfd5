import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Probe, Prober } from '../../../../src/proxy/balancing/prober.ts';
import { httpProbe } from '../../../../src/proxy/balancing/probes/http-probe.ts';
import { followLink } from '../../../../src/proxy/balancing/probes/link-probe.ts';
import { tcpProbe } from '../../../../src/proxy/balancing/probes/tcp-probe.ts';
import type { LinkObserver } from '../../../../src/proxy/link/link.ts';
import { settled } from '../../../support/cli-manual-timers.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

function setUp(probe: Probe) {
  const timers = new ManualTimers();
  const verdicts: string[] = [];
  const prober = new Prober({
    probe,
    timers,
    everyMs: 1_000,
    timeoutMs: 300,
    rise: 2,
    fall: 3,
    random: () => 0.5,
    onVerdict: (verdict, reason) => verdicts.push(reason === undefined ? verdict : `${verdict}: ${reason}`),
  });
  prober.start();
  return { timers, verdicts, prober };
}

describe('a prober', () => {
  it('believes the first probe, and then so many in a row that say otherwise', async () => {
    const outcomes = 'ok ok no no ok no no no ok no ok ok ok'.split(' ');
    let round = 0;
    const { timers, verdicts, prober } = setUp(async () => {
      const outcome = outcomes[round];
      round += 1;
      if (outcome === 'no') throw new Error(`round ${round}`);
    });
    for (let step = 0; step < outcomes.length; step += 1) {
      await settled();
      timers.advance(1_000);
    }
    expect(verdicts).toEqual(['up', 'down: round 8', 'up']);
    prober.stop();
    expect(timers.waiting).toBeLessThanOrEqual(1);
  });

  it('gives up on a probe that does not answer, whether or not it heeds the signal', async () => {
    const { timers, verdicts, prober } = setUp(() => new Promise(() => {}));
    await settled();
    timers.advance(300);
    await settled();
    expect(verdicts).toEqual(['down: no answer in 300 ms']);
    prober.stop();
  });

  it('says nothing after it has been stopped', async () => {
    let answer = () => {};
    const { verdicts, prober, timers } = setUp(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    prober.stop();
    answer();
    await settled();
    expect(verdicts).toEqual([]);
    expect(timers.waiting).toBe(0);
  });
});

describe('probes', () => {
  const servers: Server[] = [];
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const never = new AbortController().signal;
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('by TCP: well when somebody listens', async () => {
    const server = createServer((socket) => socket.on('error', () => {}));
    const port = await listen(server);
    await tcpProbe({ host: '127.0.0.1', port })(never);
    await new Promise((resolve) => server.close(resolve));
    await expect(tcpProbe({ host: '127.0.0.1', port })(never)).rejects.toThrow('ECONNREFUSED');
  });

  it('by TCP: ends with the signal', async () => {
    const stop = new AbortController();
    // 192.0.2.0/24 is for documentation (RFC 5737): nobody answers there.
    const asked = tcpProbe({ host: '192.0.2.1', port: 9 })(stop.signal);
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });

  it('by HTTP: well at the expected status, however long the body', async () => {
    const port = await listen(
      createHttpServer((request, response) => {
        response.writeHead(request.url === '/health' ? 204 : 500);
        if (request.url === '/health') response.end();
        else response.write('for ever');
      }),
    );
    const probe = (path: string) => httpProbe({ host: '127.0.0.1', port, path, status: 204 })(never);
    await probe('/health');
    await expect(probe('/else')).rejects.toThrow('GET /else answers 500, not 204');
  });

  it('by HTTP: ends with the signal', async () => {
    const port = await listen(createHttpServer(() => {}));
    const stop = new AbortController();
    const asked = httpProbe({ host: '127.0.0.1', port, path: '/', status: 200 })(stop.signal);
    stop.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });

  it('by the link: what its heartbeat says', () => {
    let observer: LinkObserver | undefined;
    const verdicts: string[] = [];
    followLink(
      {
        state: 'away',
        observe: (each) => {
          observer = each;
        },
      },
      { probed: (verdict) => verdicts.push(verdict) },
    );
    observer?.up({} as never);
    observer?.away();
    expect(verdicts).toEqual(['down', 'up', 'down']);
  });
});
