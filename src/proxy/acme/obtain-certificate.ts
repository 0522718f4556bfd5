import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AcmeAccount } from './acme-account.ts';
import { AcmeError } from './acme-error.ts';
import type { AcmeFiles } from './acme-files.ts';
import type { AcmeTransport } from './acme-transport.ts';
import { certificateRequest } from './certificate-request.ts';
import { orderCertificate } from './order-certificate.ts';

/** What the operator says of the authority. */
export interface AcmeSettings {
  readonly directory: string;
  readonly names: readonly string[];
  readonly email?: string | undefined;
  readonly termsAgreed: boolean;
}

export interface ObtainOptions {
  readonly settings: AcmeSettings;
  readonly files: AcmeFiles;
  readonly transport: AcmeTransport;
  readonly wait?: (ms: number) => Promise<unknown>;
}

export interface ObtainedPair {
  /** PEM, leaf first. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
}

/** Gets a certificate for the names from the authority, and looks at it before anybody uses it. @throws AcmeError */
export async function obtainCertificate({
  settings,
  files,
  transport,
  wait,
}: ObtainOptions): Promise<ObtainedPair> {
  const { names, ...about } = settings;
  const account = await AcmeAccount.open({ ...about, key: await files.accountKey(), transport });
  const { request, key } = await certificateRequest(names);
  const { challenges } = files;
  const certificate = await orderCertificate({ account, names, request, challenges, ...(wait && { wait }) });
  refuseWrong(certificate, { key, names });
  return { certificate, key };
}

function refuseWrong(certificate: string, { key, names }: { key: string; names: readonly string[] }): void {
  const leaf = readLeaf(certificate);
  const lacking = names.find((name) => !covers(leaf, name));
  if (lacking !== undefined) throw new AcmeError('certificate_invalid', { detail: `it lacks ${lacking}` });
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    throw new AcmeError('certificate_invalid', { detail: 'it is of another key' });
  }
}

function readLeaf(certificate: string): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new AcmeError('certificate_invalid', { cause });
  }
}

/** Whether a certificate is good for this very name. */
export function covers(leaf: X509Certificate, name: string): boolean {
  return leaf.checkHost(name, { subject: 'never', wildcards: false }) !== undefined;
}
