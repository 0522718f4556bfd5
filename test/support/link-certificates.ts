/** Certificates for tests of the link, right and wrong ones, made with openssl. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateWishes {
  /** File name without its ending. */
  readonly name: string;
  /** The issuer's file name; itself when left out. */
  readonly issuer?: string;
  readonly isCa?: boolean;
  readonly usage?: string;
  readonly dns?: string;
  readonly ip?: string;
  /** `YYYYMMDDHHMMSSZ`. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

export interface Credential {
  readonly cert: string;
  readonly key: string;
}

const minutes = 60_000;
const day = 24 * 60 * minutes;

/** One folder with a CA and what it has signed. `link-server.pem` and `ca.pem` are where the backend looks for them. */
export class LinkCertificates {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'castling-link-'));
    this.issue({ name: 'ca', isCa: true });
    this.issue({ name: 'link-server', issuer: 'ca', usage: 'serverAuth', dns: 'backend.castling.internal' });
    this.issue({ name: 'link-client', issuer: 'ca', usage: 'clientAuth', dns: 'proxy.castling.internal' });
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  credential(name: string): Credential {
    return { cert: this.read(`${name}.pem`), key: this.read(`${name}-key.pem`) };
  }

  issue({
    name,
    issuer = name,
    isCa = false,
    usage,
    dns,
    ip,
    notBefore = stamp(Date.now() - 30 * minutes),
    notAfter = stamp(Date.now() + day),
  }: CertificateWishes): Credential {
    const alternative = [dns && `DNS:${dns}`, ip && `IP:${ip}`].filter(Boolean).join(',');
    writeFileSync(
      this.path(`${name}.cnf`),
      [
        '[ca]\ndefault_ca = this\n[this]',
        `database = ${this.path('index.txt')}\nserial = ${this.path('serial')}\nnew_certs_dir = ${this.folder}`,
        'default_md = sha256\npolicy = any\nunique_subject = no\ndefault_crl_days = 1\nx509_extensions = leaf\n[any]\ncommonName = supplied',
        '[req]\ndistinguished_name = empty\nprompt = no\n[empty]',
        `[leaf]\nbasicConstraints = critical,CA:${isCa ? 'TRUE' : 'FALSE'}`,
        isCa ? 'keyUsage = critical,keyCertSign,cRLSign' : 'keyUsage = critical,digitalSignature',
        usage ? `extendedKeyUsage = ${usage}` : '',
        alternative ? `subjectAltName = ${alternative}` : '',
      ].join('\n'),
    );
    if (name === issuer) this.#ledger();
    this.#openssl(
      'ecparam',
      '-name',
      'prime256v1',
      '-genkey',
      '-noout',
      '-out',
      this.path(`${name}-key.pem`),
    );
    chmodSync(this.path(`${name}-key.pem`), 0o600);
    const request = ['-new', '-key', this.path(`${name}-key.pem`), '-out', this.path(`${name}.csr`)];
    this.#openssl('req', '-config', this.path(`${name}.cnf`), '-subj', `/CN=${name}`, ...request);
    const signer =
      name === issuer
        ? ['-selfsign', '-keyfile', this.path(`${name}-key.pem`)]
        : ['-cert', this.path(`${issuer}.pem`), '-keyfile', this.path(`${issuer}-key.pem`)];
    this.#openssl(
      ...['ca', '-batch', '-notext', '-config', this.path(`${name}.cnf`), ...signer],
      ...['-startdate', notBefore, '-enddate', notAfter],
      ...['-in', this.path(`${name}.csr`), '-out', this.path(`${name}.pem`)],
    );
    return this.credential(name);
  }

  /** Puts a new pair into the place of another by renaming, as careful programs do. Gives the new one. */
  replace(name: string, by: string): Credential {
    for (const ending of ['-key.pem', '.pem']) {
      copyFileSync(this.path(`${by}${ending}`), this.path('.next'));
      renameSync(this.path('.next'), this.path(`${name}${ending}`));
    }
    return this.credential(name);
  }

  /** Revokes a certificate and gives the path of the CA's new list. */
  revoke(name: string | undefined, issuer = 'ca'): string {
    const by = ['-cert', this.path(`${issuer}.pem`), '-keyfile', this.path(`${issuer}-key.pem`)];
    const config = ['-config', this.path(`${issuer}.cnf`)];
    if (name) this.#openssl('ca', ...config, ...by, '-revoke', this.path(`${name}.pem`));
    const list = this.path(`${issuer}-crl.pem`);
    this.#openssl('ca', ...config, ...by, '-gencrl', '-out', list);
    return list;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #ledger(): void {
    writeFileSync(this.path('index.txt'), '', { flag: 'a' });
    try {
      writeFileSync(this.path('serial'), '1000\n', { flag: 'wx' });
    } catch {
      // A second CA in the same folder goes on counting.
    }
  }

  #openssl(...options: readonly string[]): void {
    execFileSync('openssl', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** The form in which `openssl ca` takes a time. */
export function stamp(time: number): string {
  return `${new Date(time).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
}
