import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../../src/process/logger.ts';
import { Registry } from '../../../../src/process/metrics.ts';
import { AcmeError } from '../../../../src/proxy/acme/acme-error.ts';
import { AcmeFiles } from '../../../../src/proxy/acme/acme-files.ts';
import { AcmeKeeper } from '../../../../src/proxy/acme/acme-keeper.ts';
import { obtainCertificate } from '../../../../src/proxy/acme/obtain-certificate.ts';
import { FakeAuthority } from '../../../support/fake-authority.ts';
import { ManualTimers } from '../../../support/manual-timers.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const names = ['play.example.org'];

let folder: string;
const keepers: AcmeKeeper[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-acme-'));
});
afterEach(() => {
  for (const keeper of keepers) keeper.stop();
  rmSync(folder, { recursive: true });
});

/** One installation: its clock, its keeper, and an authority that issues certificates of six days. */
async function installation() {
  const authority = new FakeAuthority();
  authority.faults.days = 6;
  const files = new AcmeFiles(folder);
  authority.fetchProof = (_name, token) => files.challenges.answer(token);
  await files.prepare(names);
  const timers = new ManualTimers();
  const clock = { now: Date.now(), orders: 0, fault: undefined as AcmeError | undefined };
  authority.now = () => clock.now;
  const lines: { readonly msg: string }[] = [];
  const metrics = new Registry();
  const make = (wanted: readonly string[] = names) => {
    const keeper = new AcmeKeeper({
      names: wanted,
      files,
      obtain: async () => {
        clock.orders += 1;
        if (clock.fault !== undefined) throw clock.fault;
        const settings = { directory: authority.directory, names: wanted, termsAgreed: true };
        return await obtainCertificate({
          settings,
          files,
          transport: authority.transport,
          wait: async () => {},
        });
      },
      logger: createLogger({
        name: 'test',
        level: 'info',
        pretty: false,
        destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
      }),
      metrics: keepers.length === 0 ? metrics : new Registry(),
      now: () => clock.now,
      timers,
      random: () => 0,
    });
    keepers.push(keeper);
    return keeper;
  };
  /** Lets time pass, and waits until the look that fell due is over: then the next one is set. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10 * minuteMs) {
      clock.now += 10 * minuteMs;
      timers.advance(10 * minuteMs);
      await expect.poll(() => timers.waiting, { interval: 1 }).toBe(1);
    }
  };
  return { files, clock, timers, lines, metrics, make, pass };
}

afterEach(() => {
  keepers.length = 0;
});

describe('A15 AcmeKeeper', () => {
  it('begins with a stand-in, orders at once, and again when a third of the life is left', async () => {
    const { files, clock, make, pass, metrics } = await installation();
    const standIn = await files.leaf();
    expect(standIn?.subjectAltName).toBe('DNS:play.example.org');
    expect(statSync(files.paths.key).mode & 0o777).toBe(0o600);

    await make().start();
    const first = await files.leaf();
    expect(first?.issuer).toBe('CN=Fake authority');
    await pass(4 * dayMs - 60 * minuteMs);
    expect(clock.orders).toBe(1);
    await pass(130 * minuteMs);
    expect(clock.orders).toBe(2);
    expect((await files.leaf())?.serialNumber).not.toBe(first?.serialNumber);
    expect(await metrics.metrics()).toContain('castling_acme_orders_total{outcome="issued"} 2');
  });

  it('after a failure pauses longer each time, up to half a day, keeps the old pair, and recovers', async () => {
    const { files, clock, lines, make, pass } = await installation();
    clock.fault = new AcmeError('challenge_failed', { detail: 'timed out' });
    await make().start();
    const before = await files.leaf();
    const orderedAt = (minutes: number) => pass(minutes * minuteMs).then(() => clock.orders);
    expect(clock.orders).toBe(1);
    expect(await orderedAt(10)).toBe(2);
    expect(await orderedAt(10)).toBe(2);
    expect(await orderedAt(10)).toBe(3);
    expect(await orderedAt(40)).toBe(4);
    await pass(3 * dayMs);
    const many = clock.orders;
    expect(await orderedAt(720)).toBe(many + 1);
    expect((await files.leaf())?.serialNumber).toBe(before?.serialNumber);
    expect(lines.at(-1)).toMatchObject({ level: 'error', detail: 'timed out', againInMinutes: 720 });

    clock.fault = undefined;
    await pass(720 * minuteMs);
    expect((await files.leaf())?.issuer).toBe('CN=Fake authority');
  });

  it('waits as long as the authority wants', async () => {
    const { clock, make, pass } = await installation();
    clock.fault = new AcmeError('rate_limited', { retryAfterMs: 5 * 60 * minuteMs });
    await make().start();
    await pass(290 * minuteMs);
    expect(clock.orders).toBe(1);
    await pass(10 * minuteMs);
    expect(clock.orders).toBe(2);
  });

  it('orders anew when the operator wants other names', async () => {
    const { files, clock, make } = await installation();
    await make().start();
    await make([...names, 'chess.example.org']).start();
    expect(clock.orders).toBe(2);
    expect((await files.leaf())?.subjectAltName).toBe('DNS:play.example.org, DNS:chess.example.org');
  });

  it('never orders twice at once, on however many machines, and is not stopped for ever by one that died', async () => {
    const { clock, make } = await installation();
    await Promise.all([make().start(), make().start(), make().start()]);
    expect(clock.orders).toBe(1);

    const lock = join(folder, 'order.lock');
    rmSync(join(folder, 'pair.pem'));
    writeFileSync(lock, 'elsewhere 1\n');
    await make().start();
    expect(clock.orders).toBe(1);
    const longAgo = Date.now() / 1_000 - 3_600;
    utimesSync(lock, longAgo, longAgo);
    await Promise.all([make().start(), make().start()]);
    expect(clock.orders).toBe(2);
  });
});
