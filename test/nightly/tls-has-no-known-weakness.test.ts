import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProxyRig } from '../support/proxy-rig.ts';

const run = promisify(execFile);

interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

let rig: ProxyRig;
let folder: string;
beforeAll(async () => {
  rig = await ProxyRig.start({ backend: false });
  folder = mkdtempSync(join(tmpdir(), 'castling-testssl-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await rig[Symbol.asyncDispose]();
});

describe('A2 known vulnerabilities', () => {
  it('testssl finds nothing of high or critical severity, and no vulnerability', async () => {
    const file = join(folder, 'findings.json');
    // Protocols, forward secrecy, server defaults, vulnerabilities, headers; no name service is asked.
    const checks = ['-p', '-s', '-f', '-U', '-h'];
    const quiet = ['-n', 'none', '--quiet', '--color', '0', '--warnings', 'off', '--jsonfile', file];
    const { stdout } = await run('testssl', [...quiet, ...checks, `127.0.0.1:${rig.port}`], {
      maxBuffer: 16 * 1024 * 1024,
      timeout: 1_500_000,
    });
    const findings: Finding[] = JSON.parse(readFileSync(file, 'utf8'));
    expect(findings.length, stdout.slice(-2_000)).toBeGreaterThan(40);
    expect(findings.filter(({ severity }) => ['HIGH', 'CRITICAL', 'FATAL'].includes(severity))).toEqual([]);
    expect(findings.filter(({ finding }) => /^VULNERABLE|potentially VULNERABLE/.test(finding))).toEqual([]);
    expect(findings.find(({ id }) => id === 'HSTS_time')?.finding).toMatch(/730 days|63072000/);
  }, 1_600_000);
});
