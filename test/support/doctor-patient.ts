/** A Castling that the doctor looks at, in a folder of its own. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, Patient } from '../../src/doctor/check.ts';
import { loadSettings } from '../../src/settings/index.ts';

export interface DoctorPatient extends Patient {
  readonly folder: string;
  [Symbol.dispose](): void;
}

export async function makePatient(
  changes: Partial<Patient> & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<DoctorPatient> {
  const folder = mkdtempSync(join(tmpdir(), 'castling-doctor-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  chmodSync(data, 0o700);
  const { env = {}, ...rest } = changes;
  const { settings } = await loadSettings({
    flags: [],
    env: { CASTLING_DATA: data, CASTLING_CERTS: join(folder, 'certs'), ...env },
    cwd: folder,
  });
  return {
    folder,
    settings,
    production: false,
    running: { state: 'none' },
    depth: 'full',
    clockFrom: undefined,
    now: Date.now,
    ...rest,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** How a finding reads without its remedy: `mark: sentence`. */
export function said(findings: readonly Finding[]): string[] {
  return findings.map(({ mark, says }) => `${mark}: ${says}`);
}
