/** Pebble, the test authority of Let's Encrypt, with a DNS of its own that sends every name to this machine. All on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { LinkCertificates } from './link-certificates.ts';

export interface Pebble {
  readonly directory: string;
  /** The CA of its HTTPS address. */
  readonly caFile: string;
  /** The root of what it issues, PEM. */
  root(): Promise<string>;
  /** Everything it printed. */
  output(): string;
  stop(): Promise<void>;
}

/** `httpPort`: where it looks for proofs of http-01. */
export async function startPebble({ httpPort }: { readonly httpPort: number }): Promise<Pebble> {
  const folder = mkdtempSync(join(tmpdir(), 'castling-pebble-'));
  const certificates = new LinkCertificates();
  certificates.issue({
    name: 'pebble',
    issuer: 'ca',
    usage: 'serverAuth',
    dns: 'localhost',
    ip: '127.0.0.1',
  });
  const [port = 0, management = 0, dns = 0, dnsManagement = 0] = await freePorts(4);
  const config = join(folder, 'pebble.json');
  writeFileSync(
    config,
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: certificates.path('pebble.pem'),
        privateKey: certificates.path('pebble-key.pem'),
        httpPort,
        tlsPort: 1,
        ocspResponderURL: '',
        externalAccountBindingRequired: false,
      },
    }),
  );
  let output = '';
  const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    return child;
  };
  const children = [
    start('pebble-challtestsrv', [
      ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dns01', `127.0.0.1:${dns}`],
      ...['-management', `127.0.0.1:${dnsManagement}`, '-http01', '', '-https01', '', '-tlsalpn01', ''],
    ]),
    // It refuses a part of all nonces, as authorities may; it does not sleep before it looks for a proof.
    start('pebble', ['-config', config, '-dnsserver', `127.0.0.1:${dns}`, '-strict'], {
      PEBBLE_VA_NOSLEEP: '1',
    }),
  ];
  const ca = certificates.read('ca.pem');
  const pebble: Pebble = {
    directory: `https://localhost:${port}/dir`,
    caFile: certificates.path('ca.pem'),
    root: () => get(`https://localhost:${management}/roots/0`, ca),
    output: () => output,
    async stop() {
      await Promise.all(children.map(end));
      certificates.remove();
      rmSync(folder, { recursive: true });
    },
  };
  for (;;) {
    try {
      await get(pebble.directory, ca);
      return pebble;
    } catch (error) {
      if (children.some(({ exitCode }) => exitCode !== null)) throw new Error(output, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ca, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end();
  });
}
