import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface CertificateRequest {
  /** PKCS #10, DER. */
  readonly request: Uint8Array;
  /** PKCS #8, PEM. */
  readonly key: string;
}

/** A new EC P-256 key, and the request for a certificate of it: names in subjectAltName only, no must-staple. */
export async function certificateRequest(names: readonly string[]): Promise<CertificateRequest> {
  const { privateKey, publicKey } = newKey();
  const made = await Pkcs10CertificateRequestGenerator.create(
    {
      keys: {
        privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
        publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
      },
      signingAlgorithm: algorithm,
      extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
    },
    webcrypto as Crypto,
  );
  return { request: new Uint8Array(made.rawData), key: pemOf(privateKey) };
}

/** A new EC P-256 key, PKCS #8, PEM. */
export function newAccountKey(): string {
  return pemOf(newKey().privateKey);
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: algorithm.namedCurve });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
