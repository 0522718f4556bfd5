/** An authenticator in a few lines, whose every claim a test may change: it signs whatever it is told to. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type {
  AuthenticationResponse,
  CreationOptions,
  RegistrationResponse,
  RequestOptions,
} from '../../src/auth/passkeys/passkey-schemas.ts';

/** What the authenticator and its browser say, when it is not what they should. */
export interface Claims {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly challenge?: string;
  /** Default: user present and verified. */
  readonly flags?: number;
  readonly counter?: number;
  readonly userHandle?: string | null;
  /** Spoils the signature. */
  readonly isForged?: boolean;
  readonly attestation?: { readonly fmt: string; readonly attStmt: Map<string, unknown> };
  readonly algorithm?: 'ES256' | 'EdDSA' | 'RS256' | 'ES384';
}

const userPresent = 0x01;
const userVerified = 0x04;
const backedUp = 0x18;
const attested = 0x40;
export const flags = { userPresent, userVerified, backedUp } as const;

/** By what name Fastify’s injected requests reach the server. */
const injectedOrigin = 'https://localhost:80';

/** One passkey on one authenticator. */
export class SoftwareAuthenticator {
  readonly credential: string;
  readonly #keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly #algorithm: NonNullable<Claims['algorithm']>;
  #counter = 0;
  #userHandle = '';

  constructor({
    algorithm = 'ES256',
    idBytes = 32,
  }: Pick<Claims, 'algorithm'> & { readonly idBytes?: number } = {}) {
    this.#algorithm = algorithm;
    this.credential = randomBytes(idBytes).toString('base64url');
    this.#keys = keyPair(algorithm);
  }

  create(options: CreationOptions, claims: Claims = {}): RegistrationResponse {
    const { challenge, rp, user } = options;
    this.#userHandle = user.id;
    const id = Buffer.from(this.credential, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([
      this.#authenticatorData({ rpId: rp.id, ...claims }, attested),
      Buffer.alloc(16),
      length,
      id,
      coseKey(this.#keys.publicKey, this.#algorithm),
    ]);
    const { fmt, attStmt } = claims.attestation ?? { fmt: 'none', attStmt: new Map() };
    const attestation = new Map<string, unknown>([
      ['fmt', fmt],
      ['attStmt', attStmt],
      ['authData', new Uint8Array(authData)],
    ]);
    return {
      id: this.credential,
      rawId: this.credential,
      type: 'public-key',
      response: {
        clientDataJSON: clientData({ type: 'webauthn.create', challenge, ...claims }).toString('base64url'),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
      },
      clientExtensionResults: {},
    };
  }

  get(options: RequestOptions, claims: Claims = {}): AuthenticationResponse {
    const { challenge, rpId } = options;
    const data = clientData({ type: 'webauthn.get', challenge, ...claims });
    const authData = this.#authenticatorData({ rpId, ...claims }, 0);
    const signed = Buffer.concat([authData, createHash('sha256').update(data).digest()]);
    const signature = sign(this.#algorithm === 'EdDSA' ? null : 'sha256', signed, this.#keys.privateKey);
    const last = signature.length - 1;
    if (claims.isForged) signature[last] = (signature[last] ?? 0) ^ 1;
    const handle = claims.userHandle === undefined ? this.#userHandle : claims.userHandle;
    return {
      id: this.credential,
      rawId: this.credential,
      type: 'public-key',
      response: {
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle: handle,
      },
      clientExtensionResults: {},
    };
  }

  /** A counter that stays at 0 is that of a synced passkey; any other claim is the next one. */
  #authenticatorData(claims: Claims, added: number): Buffer {
    const counter = Buffer.alloc(4);
    this.#counter = claims.counter ?? this.#counter;
    counter.writeUInt32BE(this.#counter);
    return Buffer.concat([
      createHash('sha256')
        .update(claims.rpId ?? '')
        .digest(),
      Buffer.of((claims.flags ?? userPresent | userVerified) | added),
      counter,
    ]);
  }
}

function clientData({
  type,
  challenge,
  origin = injectedOrigin,
}: Pick<Claims, 'type' | 'challenge' | 'origin'>): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

function keyPair(algorithm: NonNullable<Claims['algorithm']>) {
  switch (algorithm) {
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}

/** RFC 9052 section 7, RFC 8230 section 4. */
function coseKey(key: KeyObject, algorithm: NonNullable<Claims['algorithm']>): Buffer {
  const { x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' });
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
  const ec = (alg: number, curve: number) =>
    new Map<number, unknown>([
      [1, 2],
      [3, alg],
      [-1, curve],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]);
  const members: Record<NonNullable<Claims['algorithm']>, () => Map<number, unknown>> = {
    ES256: () => ec(-7, 1),
    ES384: () => ec(-35, 2),
    EdDSA: () =>
      new Map<number, unknown>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(x)],
      ]),
    RS256: () =>
      new Map<number, unknown>([
        [1, 3],
        [3, -257],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ]),
  };
  return Buffer.from(isoCBOR.encode(members[algorithm]() as never));
}
