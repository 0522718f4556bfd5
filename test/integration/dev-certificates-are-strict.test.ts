import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository, run } from '../support/bootstrap-clone.ts';
import { freePorts } from '../support/free-ports.ts';

const LEAVES = ['proxy', 'link-server', 'link-client'];
const DAY_MS = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'castling-a14-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs `castling …` to its end. */
async function castling(args: string[], env: NodeJS.ProcessEnv = {}) {
  const running = run(process.execPath, [join(repository, 'scripts', 'castling.js'), ...args], {
    env: { ...process.env, ...env },
  });
  return { code: await running.ended, output: running.output() };
}

const certs = (...args: string[]) => castling(['certs', '--certs', folder, ...args]);
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
const textOf = (role: string) => openssl('x509', '-in', `${role}.pem`, '-noout', '-text');
const dateOf = (role: string, which: 'startdate' | 'enddate') =>
  Date.parse(openssl('x509', '-in', `${role}.pem`, '-noout', `-${which}`).split('=')[1] ?? '');

describe('A14 development certificates', () => {
  it('are EC P-256 with SHA-256, live at most 90 days, and their keys are the owner’s alone', async () => {
    expect((await certs()).code).toBe(0);
    for (const role of ['ca', ...LEAVES]) {
      const text = textOf(role);
      expect(text).toContain('NIST CURVE: P-256');
      expect(text.match(/Signature Algorithm: (\S+)/)?.[1]).toBe('ecdsa-with-SHA256');
      const life = dateOf(role, 'enddate') - dateOf(role, 'startdate');
      expect(life).toBeGreaterThan(80 * DAY_MS);
      expect(life).toBeLessThanOrEqual(90 * DAY_MS);
      expect(dateOf(role, 'startdate')).toBeLessThan(Date.now() - 60_000);
      expect(statSync(join(folder, `${role}-key.pem`)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('come from a CA that signs leaves and nothing else', async () => {
    await certs();
    const ca = textOf('ca');
    expect(ca).toMatch(/Subject: CN = Castling development CA [0-9a-f]{8}\n/);
    expect(ca).toMatch(/Basic Constraints: critical\n\s+CA:TRUE, pathlen:0\n/);
    expect(ca).toMatch(/Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/);
    for (const role of LEAVES) {
      expect(textOf(role)).toMatch(/Basic Constraints: critical\n\s+CA:FALSE\n/);
      expect(textOf(role)).toMatch(/Key Usage: critical\n\s+Digital Signature\n/);
    }
  });

  it('fit their purpose, and no other', async () => {
    await certs('--name', 'game.lan');
    const verifies = (role: string, purpose: string) => {
      try {
        openssl('verify', '-CAfile', 'ca.pem', '-purpose', purpose, `${role}.pem`);
        return true;
      } catch {
        return false;
      }
    };
    expect(LEAVES.map((role) => [verifies(role, 'sslserver'), verifies(role, 'sslclient')])).toEqual([
      [true, false],
      [true, false],
      [false, true],
    ]);
    const names = (role: string) => textOf(role).match(/Subject Alternative Name:[^\n]*\n\s+([^\n]+)/)?.[1];
    for (const name of [
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
      'DNS:game.lan',
    ]) {
      expect(names('proxy')).toContain(name);
    }
    expect(names('link-server')).toBe('DNS:backend.castling.internal');
    expect(names('link-client')).toBe('DNS:proxy.castling.internal');
  });

  it('are kept when fresh, mended when damaged, renewed when forced, and verified by --check', async () => {
    expect((await certs('--check')).code).toBe(1);
    expect((await certs()).output.match(/^created /gm)).toHaveLength(4);
    const before = readFileSync(join(folder, 'ca.pem'), 'utf8');

    const again = await certs();
    expect(again.output.match(/^kept /gm)).toHaveLength(4);
    expect(again.output).toContain(`The CA is ${join(folder, 'ca.pem')}`);
    expect((await certs('--check')).code).toBe(0);

    writeFileSync(join(folder, 'proxy.pem'), 'not a certificate');
    const broken = await certs('--check');
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('proxy.pem: proxy.pem was not a certificate');
    expect((await certs()).output).toMatch(/^renewed proxy\.pem/m);
    expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).toBe(before);

    expect((await certs('--force')).output.match(/^renewed /gm)).toHaveLength(4);
    expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).not.toBe(before);
    expect(readdirSync(folder).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('are refused by a production start, with one sentence, before anything listens', async () => {
    await certs();
    const [port, linkPort, adminPort] = await freePorts(3);
    const started = await castling(
      [
        ...['start', '--certs', folder, '--data', join(folder, 'data')],
        ...['--port', `${port}`, '--link-port', `${linkPort}`, '--admin-port', `${adminPort}`],
      ],
      { NODE_ENV: 'production', CASTLING_UNSAFE_OLD_NODE: 'true' },
    );
    expect(started.code).toBe(78);
    expect(started.output.trim().split('\n')).toHaveLength(1);
    expect(started.output).toMatch(/proxy\.pem is a development certificate and NODE_ENV is production/);
  });
});
