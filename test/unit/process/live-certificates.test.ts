import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { LiveCertificates } from '../../../src/process/live-certificates.ts';
import { createLogger } from '../../../src/process/logger.ts';
import { Registry } from '../../../src/process/metrics.ts';
import { readTlsFiles } from '../../../src/process/tls-files.ts';
import { LinkCertificates, stamp } from '../../support/link-certificates.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const certificates = new LinkCertificates();
afterAll(() => certificates.remove());

const dayMs = 86_400_000;
const now = Date.now();
let live: LiveCertificates;
afterEach(() => live.stop());

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly certificate?: string;
  readonly daysLeft?: number;
}

function follow(name: string, { taken = (_: string) => {} } = {}) {
  const lines: Line[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    pretty: false,
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  const metrics = new Registry();
  const timers = new ManualTimers();
  const clock = { now };
  live = new LiveCertificates({ logger, metrics, timers, now: () => clock.now, everyMs: 10 });
  const paths = { certificate: certificates.path(`${name}.pem`), key: certificates.path(`${name}-key.pem`) };
  const read = () => readTlsFiles(paths, { now: () => clock.now });
  const add = async () => {
    live.add({
      name,
      paths: Object.values(paths),
      initial: await read(),
      read,
      take: ({ certificate }) => taken(certificate),
    });
  };
  const value = async (metric: string) => {
    const found = (await metrics.getMetricsAsJSON()).find((each) => each.name === metric);
    return found?.values.map((each) => ({ ...each.labels, value: each.value }));
  };
  return { lines, timers, clock, paths, add, value };
}

describe('A15 LiveCertificates', () => {
  it('shows the seconds that are left, and warns once a day from a third of the life on', async () => {
    certificates.issue({
      name: 'six-days',
      issuer: 'ca',
      notBefore: stamp(now),
      notAfter: stamp(now + 6 * dayMs),
    });
    const { lines, timers, clock, add, value } = follow('six-days');
    await add();
    const remaining = 'castling_tls_certificate_remaining_seconds';
    const [first] = (await value(remaining)) ?? [];
    expect(first).toMatchObject({ certificate: 'six-days' });
    expect(first?.value).toBeGreaterThan((6 * dayMs) / 1000 - 5);
    expect(first?.value).toBeLessThanOrEqual((6 * dayMs) / 1000);

    const pass = (hours: number) => {
      for (let hour = 0; hour < hours; hour += 1) {
        clock.now += dayMs / 24;
        timers.advance(dayMs / 24);
      }
    };
    pass(4 * 24 - 1);
    expect(lines).toEqual([]);
    pass(2);
    expect(lines).toMatchObject([{ level: 'warn', certificate: 'six-days', daysLeft: 1 }]);
    pass(22);
    expect(lines).toHaveLength(1);
    pass(2);
    expect(lines).toMatchObject([{ daysLeft: 1 }, { level: 'warn', daysLeft: 0 }]);
    pass(24);
    expect(lines.at(-1)).toMatchObject({ level: 'error', msg: expect.stringContaining('has expired') });
    expect((await value(remaining))?.[0]?.value).toBeLessThan(0);
  });

  it('takes a new pair when both files have come to rest, and says so once', async () => {
    certificates.issue({ name: 'changing', issuer: 'ca' });
    let taken: string | undefined;
    const { lines, paths, add, value } = follow('changing', {
      taken: (certificate) => {
        taken = certificate;
      },
    });
    await add();
    certificates.issue({ name: 'next', issuer: 'ca' });
    const next = certificates.replace('changing', 'next');
    await expect.poll(() => taken, { timeout: 5_000 }).toBe(next.cert);
    expect(lines).toMatchObject([{ certificate: 'changing', msg: 'A new certificate is in use.' }]);
    expect(await value('castling_tls_certificate_reloads_total')).toEqual([{ outcome: 'taken', value: 1 }]);

    writeFileSync(paths.certificate, next.cert.slice(0, 100));
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(2);
    expect(lines[1]).toMatchObject({ level: 'error', msg: expect.stringContaining('the old ones stay') });
    expect(taken).toBe(next.cert);
    writeFileSync(paths.certificate, next.cert);
    await live.reload();
    expect(await value('castling_tls_certificate_reloads_total')).toEqual([
      { outcome: 'taken', value: 1 },
      { outcome: 'refused', value: 1 },
    ]);
  });
});
