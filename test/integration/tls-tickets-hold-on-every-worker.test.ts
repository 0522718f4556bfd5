import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askControlForAll, type ProcessStatus } from '../../src/process/control/index.ts';
import { type RunningCastling, startCastling } from '../support/castling.ts';

const recorder = new URL('../support/record-ticket-keys.mjs', import.meta.url).href;

describe('A9 session tickets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'castling-tickets-'));
  const settings = join(folder, 'castling.yaml');
  const recorded = join(folder, 'keys');
  let castling: RunningCastling;
  let ca: string;

  beforeAll(async () => {
    writeFileSync(settings, 'proxy: { workers: 2 }\n');
    writeFileSync(recorded, '');
    castling = await startCastling({
      args: ['--settings', settings],
      env: { NODE_OPTIONS: `--import ${recorder}`, RECORD_TICKET_KEYS: recorded },
    });
    ca = readFileSync(castling.ca, 'utf8');
    await vi.waitFor(async () => expect(await workers()).toHaveLength(2), { timeout: 30_000 });
  });
  afterAll(async () => {
    await castling[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function workers(): Promise<number[]> {
    const all = await askControlForAll<ProcessStatus>('GET /status', { data: join(castling.folder, 'data') });
    return all.filter(({ process }) => process.startsWith('worker')).map(({ pid }) => pid);
  }

  async function keyLifetime(): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${castling.adminPort}/config`);
    const { settings } = (await answer.json()) as { settings: { proxy: { ticketKeyLifetime: string } } };
    return settings.proxy.ticketKeyLifetime;
  }

  /** One request on a new connection, which offers the ticket. */
  function call(ticket?: Buffer): Promise<{ reused: boolean; status: string; ticket: Buffer | undefined }> {
    return new Promise((resolve, reject) => {
      const socket: TLSSocket = connect({
        port: castling.port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca,
        ALPNProtocols: ['http/1.1'],
        ...(ticket && { session: ticket }),
      });
      let given: Buffer | undefined;
      let text = '';
      socket.on('session', (session) => {
        given = session;
      });
      socket.once('error', reject);
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.once('end', () => {
        resolve({ reused: socket.isSessionReused(), status: text.split('\r\n')[0] ?? '', ticket: given });
      });
      socket.write('GET /api/games HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
  }

  /** The one that does not run takes no connection, so the other does. */
  async function withStopped<Result>(pid: number, work: () => Promise<Result>): Promise<Result> {
    process.kill(pid, 'SIGSTOP');
    try {
      return await work();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  it('of one worker resume on the other', async () => {
    const [first = 0, second = 0] = await workers();
    const fresh = await withStopped(second, () => call());
    expect(fresh).toMatchObject({ reused: false, status: 'HTTP/1.1 200 OK' });
    const resumed = await withStopped(first, () => call(fresh.ticket));
    expect(resumed).toMatchObject({ reused: true, status: 'HTTP/1.1 200 OK' });
  });

  it('carry no early data', async () => {
    const session = join(folder, 'session.pem');
    const request = join(folder, 'request.txt');
    writeFileSync(request, 'GET /early-data HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    const at = ['s_client', '-connect', `127.0.0.1:${castling.port}`, '-servername', 'localhost', '-tls1_3'];
    const asked = 'GET /api/games HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const first = await openssl([...at, '-ign_eof', '-sess_out', session], asked);
    expect(first).toMatch(/Max Early Data: 0/);
    const second = await openssl([...at, '-ign_eof', '-sess_in', session, '-early_data', request], asked);
    expect(second).toContain('Reused, TLSv1.3');
    expect(second).toMatch(/Early data was (not sent|rejected)/);
    expect(castling.output()).not.toContain('early-data');
  });

  it('of before a change of keys cost a full handshake, and no error', async () => {
    const { ticket } = await call();
    expect((await call(ticket)).reused).toBe(true);
    writeFileSync(settings, 'proxy: { workers: 2, ticketKeyLifetime: 1s }\n');
    await vi.waitFor(() => expect(castling.output()).toContain('keys of session tickets have been changed'), {
      timeout: 30_000,
    });
    await vi.waitFor(async () => expect((await call(ticket)).reused).toBe(false), { timeout: 10_000 });
    expect(await call(ticket)).toMatchObject({ status: 'HTTP/1.1 200 OK' });
    writeFileSync(settings, 'proxy: { workers: 2, ticketKeyLifetime: 12h }\n');
    await vi.waitFor(async () => expect(await keyLifetime()).toBe('12h'), { timeout: 30_000 });
  });

  it('of before a restart of the whole proxy neither', async () => {
    const { ticket } = await call();
    await castling.kill('proxy');
    await vi.waitFor(
      async () => {
        expect(await call(ticket)).toMatchObject({ reused: false, status: 'HTTP/1.1 200 OK' });
      },
      { timeout: 30_000, interval: 200 },
    );
  });

  it('have keys that stand in no file, no log and no command line', () => {
    const keys = readFileSync(recorded, 'utf8').trim().split('\n');
    // Two lives of the primary, and the changes.
    expect(keys.length).toBeGreaterThanOrEqual(3);
    const places = [
      ...filesBelow(castling.folder).map((path) => readFileSync(path)),
      Buffer.from(castling.output()),
      ...(['proxy', 'worker'] as const).flatMap((role) => {
        const pid = castling.pidOf(role);
        return [readFileSync(`/proc/${pid}/cmdline`), readFileSync(`/proc/${pid}/environ`)];
      }),
    ];
    expect(places.length).toBeGreaterThan(5);
    for (const hex of keys) {
      const key = Buffer.from(hex, 'hex');
      // Any of its three parts, as bytes or written out.
      const parts = [0, 16, 32].map((at) => key.subarray(at, at + 16));
      const forms = parts.flatMap((part) => [part, part.toString('hex')]).concat(key.toString('base64'));
      for (const place of places) for (const form of forms) expect(place.includes(form)).toBe(false);
    }
  });
});

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
}

/** What it printed; how it ended does not matter. */
function openssl(args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', args, { timeout: 20_000 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end(input);
  });
}
