import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one run, with the certificates that all subjects show. */
export interface Place {
  readonly folder: string;
  /** Castling's own folder of certificates; the files below are in it. */
  readonly certs: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Certificate and key in one file, as HAProxy wants them. */
  readonly pem: string;
  /** Where Castling’s processes put CPU profiles when they end, if anywhere. */
  readonly profiles: string | undefined;
  remove(): void;
}

export function openPlace({ withProfiles = false } = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), 'castling-bench-'));
  const certs = join(folder, 'certs');
  const castling = join(import.meta.dirname, '..', '..', '..', 'scripts', 'castling.js');
  execFileSync(process.execPath, [castling, 'certs', '--certs', certs], { stdio: 'ignore' });
  const file = (name: string) => join(certs, name);
  const pem = join(folder, 'both.pem');
  copyFileSync(file('proxy.pem'), pem);
  writeFileSync(pem, `${readFileSync(pem, 'utf8')}\n${readFileSync(file('proxy-key.pem'), 'utf8')}`, {
    mode: 0o600,
  });
  return {
    folder,
    certs,
    ca: file('ca.pem'),
    cert: file('proxy.pem'),
    key: file('proxy-key.pem'),
    pem,
    profiles: withProfiles ? join(folder, 'profiles') : undefined,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
