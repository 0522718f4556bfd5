import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCastling } from '../support/castling.ts';
import { freePorts } from '../support/free-ports.ts';

const program = new URL('../../src/main.ts', import.meta.url).pathname;

interface Finding {
  readonly check: string;
  readonly mark: string;
  readonly says: string;
  readonly remedy?: string;
}

interface Told {
  readonly code: number;
  readonly stdout: string;
}

function doctor(
  args: readonly (string | number)[],
  env: Readonly<Record<string, string>> = {},
): Promise<Told> {
  return new Promise((resolve) => {
    const options = { cwd: tmpdir(), env: { ...process.env, ...env }, timeout: 60_000 };
    execFile(process.execPath, [program, 'doctor', ...args.map(String)], options, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

function faultsOf(told: Told): Finding[] {
  return (JSON.parse(told.stdout) as { findings: Finding[] }).findings.filter(({ mark }) => mark === 'fault');
}

describe('castling doctor', () => {
  it('finds nothing wrong with a Castling that runs, nor with one that has ended', async () => {
    await using castling = await startCastling();
    const { folder, port, linkPort, adminPort } = castling;
    const flags = [
      ...['--host', '127.0.0.1', '--port', port, '--link-port', linkPort, '--admin-port', adminPort],
      ...['--data', join(folder, 'data'), '--certs', join(folder, 'certs')],
    ];
    const running = await doctor(flags);
    expect(running.stdout).toContain('✓ control socket        Castling runs here');
    expect(running.stdout.match(/✓ ports +Port \d+ is held by this Castling/g)).toHaveLength(3);
    expect(running.stdout.match(/✓ database/g)).toHaveLength(2);
    expect(running.stdout).not.toContain('✗');
    expect(running.code).toBe(0);
    // While it runs the look has disturbed nothing.
    await castling.ready();

    expect(await castling.stop()).toBe(0);
    const before = readdirSync(join(folder, 'data'));
    const ended = await doctor([...flags, '--json']);
    expect(faultsOf(ended)).toEqual([]);
    expect(ended.code).toBe(0);
    const companions = (names: readonly string[]) => names.filter((name) => !/-(wal|shm)$/.test(name)).sort();
    expect(companions(readdirSync(join(folder, 'data')))).toEqual(companions(before));
  });

  it('names everything that is wrong with a broken folder, says what to do for each, and ends with 1', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'castling-broken-'));
    const [port, linkPort, adminPort] = await freePorts(3);
    const data = join(folder, 'data');
    mkdirSync(data);
    chmodSync(data, 0o777);
    writeFileSync(join(data, 'auth.db'), 'no database '.repeat(900), { mode: 0o600 });
    const certs = join(folder, 'certs');
    mkdirSync(certs);
    for (const name of ['ca', 'proxy', 'proxy-key'])
      writeFileSync(join(certs, `${name}.pem`), 'no certificate');
    const ports = ['--port', port, '--link-port', linkPort, '--admin-port', adminPort].map(String);
    const told = await doctor(['--json', '--host', '127.0.0.1', ...ports, '--data', data, '--certs', certs]);
    const faults = faultsOf(told);
    expect(faults.map(({ check }) => check)).toEqual([
      'data folder',
      'database of accounts',
      'certificates',
      'link certificates',
    ]);
    for (const { remedy } of faults) expect(remedy).toMatch(/\w.*/);
    expect(told.code).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
