import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { explainSystemError } from '../../process/explain-system-error.ts';
import { certificatesFolder } from '../../process/folders.ts';
import { printable } from '../../process/printable.ts';
import { askYesNo } from './ask.ts';
import { CliError } from './cli-error.ts';
import { ClientExit } from './client-exit.ts';
import { explainNetworkError } from './explain.ts';
import type { Profile } from './profile.ts';
import type { ServerAddress } from './server-address.ts';
import { inspectServerCertificate, isUnknownIssuer } from './server-certificate.ts';
import { canAsk, type Terminal } from './terminal.ts';

/** Which certificate authorities count for one command, and why. */
type Trust =
  | { readonly by: 'file' | 'pin'; readonly path: string; readonly authorities: readonly string[] }
  | { readonly by: 'local' | 'system'; readonly authorities: readonly string[] };

/**
 * Settles whom this process trusts, for every TLS connection that it makes, and that the server is among them:
 *
 * 1. `--ca FILE`, and nobody else; it is remembered for this server;
 * 2. the CA remembered for this server, and nobody else;
 * 3. for a server on this machine, the development CA beside it, and the system's;
 * 4. the system's.
 *
 * When the issuer is unknown, a person is shown its fingerprint and asked; a script is told about `--ca`.
 *
 * @throws CliError `certificate_untrusted`, `certificate_changed`, `server_unreachable`, …
 */
export async function establishTrust(options: {
  readonly address: ServerAddress;
  readonly ca: CaFile | undefined;
  readonly profile: Profile;
  readonly terminal: Terminal;
}): Promise<void> {
  const { address, profile, terminal } = options;
  const trust = await chooseTrust(options);
  setDefaultCACertificates(trust.authorities);
  const shown = await inspectServerCertificate(address);
  if (shown.kind === 'trusted') {
    // Given once, it counts from now on: the next command needs no --ca.
    if (trust.by === 'file') await profile.pinCa(trust.authorities.join('\n'));
    return;
  }
  const { error, root } = shown;
  if (!isUnknownIssuer(error)) throw explainNetworkError(error, address);
  if (trust.by === 'pin' || trust.by === 'file') throw wrongIssuer(trust, { address, root });
  if (root === undefined) {
    const message = `Nobody whom this machine trusts signed the certificate of ${address.origin}, and the server does not show its CA. Get the CA's file from its operator and give it with --ca FILE.`;
    throw new CliError('certificate_untrusted', message, { exitCode: ClientExit.noPermission });
  }
  if (!canAsk(terminal)) throw untrusted(address, root);
  terminal.stderr.write(describeRoot(address, root));
  if (!(await askYesNo(terminal, 'Trust it for this server from now on?'))) throw untrusted(address, root);
  const pem = root.toString();
  await profile.pinCa(pem);
  setDefaultCACertificates([pem]);
  const again = await inspectServerCertificate(address);
  if (again.kind === 'failed') throw explainNetworkError(again.error, address);
}

async function chooseTrust(options: {
  readonly address: ServerAddress;
  readonly ca: CaFile | undefined;
  readonly profile: Profile;
}): Promise<Trust> {
  const { address, ca, profile } = options;
  if (ca !== undefined) return { by: 'file', path: ca.path, authorities: [ca.pem] };
  const pinned = await profile.pinnedCa();
  if (pinned !== undefined) return { by: 'pin', path: profile.caPath, authorities: [pinned] };
  const local = address.isLoopback ? join(certificatesFolder(undefined), 'ca.pem') : undefined;
  if (local !== undefined && existsSync(local)) {
    return { by: 'local', authorities: [...getCACertificates(), (await readCaFile(local)).pem] };
  }
  return { by: 'system', authorities: getCACertificates() };
}

/** A CA from a file, as the person gave it. */
export interface CaFile {
  readonly path: string;
  readonly pem: string;
}

/** @throws CliError `ca_unreadable` */
export async function readCaFile(path: string): Promise<CaFile> {
  try {
    const pem = await readFile(path, 'utf8');
    new X509Certificate(pem);
    return { path, pem };
  } catch (cause) {
    const explained = explainSystemError(cause, { doing: 'read', path, flag: '--ca' });
    const message = explained?.message ?? `${path} holds no PEM certificate; check --ca.`;
    throw new CliError('ca_unreadable', message, { exitCode: ClientExit.configuration, cause });
  }
}

function wrongIssuer(
  trust: Extract<Trust, { path: string }>,
  { address, root }: { readonly address: ServerAddress; readonly root: X509Certificate | undefined },
): CliError {
  const seen = root === undefined ? '' : ` It shows the CA with SHA-256 ${root.fingerprint256}.`;
  const remedy =
    trust.by === 'file'
      ? `Check that ${trust.path} is that server's CA.`
      : 'If its operator says that the CA was renewed, give the new one with --ca FILE; if not, somebody may be in between.';
  const message = `The certificate of ${address.origin} is not signed by the CA in ${trust.path}.${seen} ${remedy}`;
  const code = trust.by === 'file' ? 'certificate_untrusted' : 'certificate_changed';
  return new CliError(code, message, { exitCode: ClientExit.noPermission });
}

function untrusted(address: ServerAddress, root: X509Certificate): CliError {
  const message = `The certificate of ${address.origin} is signed by a CA that this machine does not know (SHA-256 ${root.fingerprint256}). Give the CA's file with --ca FILE, or run the command in a terminal to be asked.`;
  return new CliError('certificate_untrusted', message, { exitCode: ClientExit.noPermission });
}

function describeRoot(address: ServerAddress, root: X509Certificate): string {
  return `This machine does not know who signed the certificate of ${address.origin}:
  CA       ${printable(root.subject.replaceAll('\n', ', '))}
  until    ${root.validToDate.toISOString().slice(0, 10)}
  SHA-256  ${root.fingerprint256.slice(0, 48)}
           ${root.fingerprint256.slice(48)}
Compare this fingerprint with the one that the server's operator sees
(\`castling certs\` prints it there).
`;
}
