import { type ChildProcess, spawn } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSecureFile } from '../../src/process/secure-file.ts';
import { freePorts } from '../support/free-ports.ts';
import { LinkCertificates, stamp } from '../support/link-certificates.ts';
import { type Pebble, startPebble } from '../support/pebble.ts';

const dayMs = 86_400_000;
const main = new URL('../../src/main.ts', import.meta.url).pathname;
const name = 'play.club.example';

let pebble: Pebble;
let folder: string;
let proxy: ChildProcess;
let output = '';
let port = 0;
let adminPort = 0;
const certificates = new LinkCertificates();

/** Production, with an authority, and no development certificate anywhere: only the link has certificates of its own CA. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'castling-acme-'));
  let plainPort = 0;
  [port = 0, adminPort = 0, plainPort = 0] = await freePorts(3);
  pebble = await startPebble({ httpPort: plainPort });
  writeFileSync(
    join(folder, 'castling.yaml'),
    `
proxy: { host: 127.0.0.1, port: ${port}, adminPort: ${adminPort} }
tls:
  plainHttpPort: ${plainPort}
  acme:
    names: [${name}, chess.club.example]
    directory: ${pebble.directory}
    caFile: ${pebble.caFile}
    email: operator@club.example
    termsAgreed: true
    folder: ${join(folder, 'acme')}
`,
  );
  startProxy();
}, 60_000);

afterAll(async () => {
  await stopProxy();
  await pebble.stop();
  certificates.remove();
  rmSync(folder, { recursive: true });
});

function startProxy(): void {
  proxy = spawn(
    process.execPath,
    [
      main,
      'proxy',
      '--settings',
      join(folder, 'castling.yaml'),
      '--certs',
      certificates.folder,
      '--data',
      join(folder, 'data'),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', CASTLING_UNSAFE_OLD_NODE: 'true' },
    },
  );
  for (const stream of [proxy.stdout, proxy.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
}

async function stopProxy(): Promise<void> {
  if (proxy.exitCode !== null || proxy.signalCode !== null) return;
  proxy.kill('SIGTERM');
  await once(proxy, 'exit');
}

/** What somebody is shown who trusts this root. */
function shown(ca: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: name, ca }, () => {
      resolve(socket.getPeerX509Certificate() as X509Certificate);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

async function metrics(): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
}

describe('A15 short-lived certificates', () => {
  it('are ordered at the first start, proved over plain HTTP, and shown without a restart', async () => {
    const root = await pebble.root();
    await expect
      .poll(() => shown(root).catch(() => undefined), { timeout: 90_000, interval: 250 })
      .toBeDefined();
    const leaf = await shown(root);
    expect(leaf.subjectAltName).toBe(`DNS:${name}, DNS:chess.club.example`);
    expect(leaf.issuer).toMatch(/Pebble/);
    // OID 1.3.6.1.5.5.7.1.24, a demand for stapled OCSP answers, which nobody gives any more.
    expect(leaf.raw.includes(Buffer.from('06082b06010505070118', 'hex'))).toBe(false);
    expect(await metrics()).toMatch(/castling_acme_orders_total\{[^}]*outcome="issued"[^}]*\} 1\n/);
    expect(output).toContain('A certificate has been issued.');
  }, 120_000);

  it('are shown as a metric, and warned of when a third is left', async () => {
    const old = certificates.issue({
      name: 'old',
      issuer: 'ca',
      usage: 'serverAuth',
      dns: `${name},DNS:chess.club.example`,
      notBefore: stamp(Date.now() - 4.5 * dayMs),
      notAfter: stamp(Date.now() + 1.5 * dayMs),
    });
    await writeSecureFile(join(folder, 'acme', 'pair.pem'), old.cert + old.key);
    const root = certificates.read('ca.pem');
    await expect
      .poll(() => shown(root).catch(() => undefined), { timeout: 20_000, interval: 250 })
      .toBeDefined();
    expect(output).toMatch(/A certificate has a third of its life left or less/);
    const left =
      /castling_tls_certificate_remaining_seconds\{[^}]*certificate="play\.club\.example"[^}]*\} (\d+)/;
    const seconds = Number(left.exec(await metrics())?.[1]);
    expect(seconds).toBeGreaterThan(dayMs / 1_000);
    expect(seconds).toBeLessThan((2 * dayMs) / 1_000);
  }, 60_000);

  it('are ordered anew when a third is left', async () => {
    await stopProxy();
    startProxy();
    const root = await pebble.root();
    await expect
      .poll(() => shown(root).catch(() => undefined), { timeout: 90_000, interval: 250 })
      .toBeDefined();
    expect(output.split('A certificate has been issued.')).toHaveLength(3);
  }, 120_000);
});
